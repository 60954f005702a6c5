/**
 * Every word that a person reads, in the language that was chosen. All other files of the page take their words from here, and
 * read them when they draw: what a constant of a module holds would stay in the language of the start.
 * Japanese comes with the page, English when it is chosen.
 */
import { signal } from "@preact/signals";
import { local } from "../app/local";
import * as ja from "./ja";

export { pattern } from "./patterns";

export type Language = "ja" | "en";
export type Words = typeof ja;
/** Each language by its own name. */
export const languages: Record<Language, string> = { ja: "日本語", en: "English" };

/** The language that is on the screen. */
export const language = signal<Language>("ja");

export let t = ja.t;
export let errorNext = ja.errorNext;
export let errorWords = ja.errorWords;
export let noticeWords = ja.noticeWords;
export let personalWords = ja.personalWords;
export let turnErrorWords = ja.turnErrorWords;
export let documentErrorWords = ja.documentErrorWords;
export let noteLines = ja.noteLines;
export let noteSummary = ja.noteSummary;

function speak(next: Language, words: Words): void {
  ({ t, errorNext, errorWords, noticeWords, personalWords, turnErrorWords, documentErrorWords, noteLines, noteSummary } = words);
  document.documentElement.lang = next;
  language.value = next;
}

/** Takes the words of a language and keeps the choice on this device. Rejects, and changes nothing, where the server does not give them. */
export async function chooseLanguage(next: Language): Promise<void> {
  speak(next, next === "en" ? await import("./en") : ja);
  local.write("language", next);
}

/** The language that was chosen here before; where its words do not come, the page speaks Japanese. */
export async function startLanguage(): Promise<void> {
  if (local.read("language") === "en") await chooseLanguage("en").catch(() => undefined);
}
