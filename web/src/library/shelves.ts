import { computed, signal } from "@preact/signals";
import { asApiError, get, type ApiError } from "../api/client";
import type { Mode, Page, Shelf } from "../api/types";
import { local } from "../app/local";
import { session } from "../app/session";

/** The shelves that the person may read; null before they are here. */
export const shelves = signal<Shelf[] | null>(null);
export const shelvesError = signal<ApiError | null>(null);

export async function loadShelves(): Promise<void> {
  try {
    shelves.value = (await get<Page<Shelf>>("/shelves")).items;
    shelvesError.value = null;
  } catch (cause) {
    shelvesError.value = asApiError(cause);
  }
}

/** Where answers come from: all shelves (null), some of them, or none at all. */
export interface Scope { mode: Mode; shelves: string[] | null }
const chosen = signal<{ user: string; scope: Scope } | null>(null);

function stored(user: string): Scope {
  try {
    const value = JSON.parse(local.read(`scope.${user}`) ?? "null") as Scope | null;
    if (value && (value.mode === "shelves" || value.mode === "none")) {
      return { mode: value.mode, shelves: Array.isArray(value.shelves) ? value.shelves.map(String) : null };
    }
  } catch { /* Somebody else's words: as if nothing was kept. */ }
  return { mode: "shelves", shelves: null };
}

export const scope = computed<Scope>(() => {
  const user = session.value?.user.id ?? "";
  return chosen.value?.user === user ? chosen.value.scope : stored(user);
});

export function setScope(value: Scope): void {
  const user = session.value?.user.id ?? "";
  chosen.value = { user, scope: value };
  local.write(`scope.${user}`, JSON.stringify(value));
}

/** The shelves of the scope that exist and may be read. */
export const scopeShelves = computed<Shelf[]>(() => {
  const all = shelves.value ?? [];
  const ids = scope.value.shelves;
  return scope.value.mode === "none" ? [] : ids === null ? all : all.filter((shelf) => ids.includes(shelf.id));
});
