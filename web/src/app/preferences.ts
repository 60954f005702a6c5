import { effect, signal } from "@preact/signals";
import type { SendMode } from "../ui/composition";
import { local } from "./local";

export type Theme = "device" | "light" | "dark";
export type TextSize = "100" | "125" | "150" | "200";

function kept<T extends string>(key: string, allowed: readonly T[], otherwise: T) {
  const stored = local.read(key);
  const value = signal<T>(allowed.includes(stored as T) ? (stored as T) : otherwise);
  effect(() => local.write(key, value.value));
  return value;
}

export const sendMode = kept<SendMode>("send", ["ctrl", "enter", "shift"], "ctrl");
export const theme = kept<Theme>("theme", ["device", "light", "dark"], "device");
export const textSize = kept<TextSize>("text", ["100", "125", "150", "200"], "100");
export const welcomed = kept<"no" | "yes">("welcomed", ["no", "yes"], "no");

/** Chromium keeps what container queries in rem said before the root's size changed, until the container itself changes. */
function foldAgain(): void {
  document.body.style.containerType = "normal";
  void document.body.offsetWidth;
  document.body.style.containerType = "";
}

/** Keeps the root element as chosen. */
export function applyPreferences(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === "device") delete root.dataset.theme;
    else root.dataset.theme = theme.value;
    if (textSize.value === "100") delete root.dataset.text;
    else root.dataset.text = textSize.value;
    foldAgain();
  });
}
