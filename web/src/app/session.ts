import { computed, signal } from "@preact/signals";
import { asApiError, call, get, onSignedOut, post, setCsrf, type ApiError } from "../api/client";
import type { Level, Role, Session } from "../api/types";

/** Who is signed in; null: nobody; undefined: not known yet. */
export const session = signal<Session | null | undefined>(undefined);
/** Why nobody is: `ended` when a session ran out under the hands of a person, `left` after signing out. */
export const signedOutBecause = signal<"ended" | "left" | null>(null);
export const startError = signal<ApiError | null>(null);
export const levels = computed<Level[]>(() => session.value?.levels ?? []);

function enter(value: Session): void {
  setCsrf(value.csrf);
  signedOutBecause.value = null;
  startError.value = null;
  session.value = value;
}

export async function startSession(): Promise<void> {
  onSignedOut(() => {
    if (!session.peek()) return;
    signedOutBecause.value = "ended";
    session.value = null;
  });
  try {
    enter(await get<Session>("/session", { keepSession: true }));
  } catch (cause) {
    const error = asApiError(cause);
    if (error.status === 401) session.value = null;
    else startError.value = error;
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  enter(await post<Session>("/session", { name, password }, { keepSession: true }));
}

export async function setUp(values: { token: string; name?: string; display_name?: string; password: string }): Promise<void> {
  enter(await post<Session>("/setup", values, { keepSession: true }));
}

/** All other sessions of this person end; this one goes on. */
export async function changePassword(current: string, password: string): Promise<void> {
  enter(await post<Session>("/session/password", { current, password }));
}

export async function signOut(): Promise<void> {
  await call("DELETE", "/session", undefined, { keepSession: true }).catch(() => undefined);
  setCsrf("");
  signedOutBecause.value = "left";
  session.value = null;
}

function has(...roles: Role[]): boolean {
  return roles.some((role) => session.value?.user.roles.includes(role));
}
/** Which parts of the page a person gets. The server decides again at every request. */
export const may = {
  ask: () => has("official", "author"),
  read: () => has("official", "author", "operator"),
  add: () => has("official", "author", "operator"),
  keepShelves: () => has("author", "operator"),
  operate: () => has("operator"),
  audit: () => has("auditor"),
};
