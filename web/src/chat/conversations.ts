import { signal } from "@preact/signals";
import { asApiError, call, get, post, query, type ApiError } from "../api/client";
import type { ConversationPage, ConversationRow, Folder, FoundConversation, Page } from "../api/types";

/** What a list shows: one's open conversations, those put away, or those deleted; all, or those of one folder. */
export type View = "open" | "archived" | "deleted";
export interface Choice { view: View; folder: string | null }
export interface List { choice: Choice; items: ConversationRow[]; next: string | null; loading: boolean; loaded: boolean; error: ApiError | null }

const pageSize = 100;
const open: Choice = { view: "open", folder: null };
const empty = (choice: Choice): List => ({ choice, items: [], next: null, loading: false, loaded: false, error: null });
const same = (a: Choice, b: Choice): boolean => a.view === b.view && a.folder === b.folder;

/** The left column's list, and the one that the page of all questions looks at. */
export const list = signal<List>(empty(open));
export const chosenList = signal<List>(empty(open));
export const folders = signal<Folder[]>([]);
const lists = [list, chosenList];
/** What is known of each conversation, in a list or not. */
const rows = signal<ReadonlyMap<string, ConversationRow>>(new Map());

export function remember(...known: ConversationRow[]): void {
  const next = new Map(rows.peek());
  for (const row of known) next.set(row.id, row);
  rows.value = next;
}

export function rowOf(id: string): ConversationRow | null { return rows.value.get(id) ?? null; }

async function load(into: typeof list, choice: Choice, more: boolean): Promise<void> {
  const old = into.peek();
  const other = !same(old.choice, choice);
  if (old.loading && !other) return;
  into.value = { ...(other ? empty(choice) : old), loading: true, error: null };
  const started = into.peek();
  try {
    const page = await get<ConversationPage>(`/conversations${query({ limit: pageSize, view: choice.view, folder: choice.folder, after: more ? old.next : null })}`);
    if (!same(into.peek().choice, choice)) return; // Another list was chosen meanwhile.
    if (page.folders) folders.value = page.folders;
    remember(...page.items);
    into.value = { choice, items: more ? [...started.items, ...page.items] : page.items, next: page.next ?? null, loading: false, loaded: true, error: null };
  } catch (cause) {
    if (same(into.peek().choice, choice)) into.value = { ...into.peek(), loading: false, error: asApiError(cause) };
  }
}

export const loadList = (more = false): Promise<void> => load(list, open, more);
export const loadChosen = (choice: Choice, more = false): Promise<void> => load(chosenList, choice, more);

/** As the server orders them. */
export function before(a: ConversationRow, b: ConversationRow): boolean {
  if (a.pinned !== b.pinned) return a.pinned;
  return a.updated_ms !== b.updated_ms ? a.updated_ms > b.updated_ms : a.id > b.id;
}

export function belongs(choice: Choice, row: ConversationRow): boolean {
  const view: View = row.deleted_ms !== null ? "deleted" : row.archived ? "archived" : "open";
  return view === choice.view && (choice.folder === null || row.folder_id === choice.folder);
}

/** Puts a row where it belongs in each list, and takes it out of the others. */
function place(row: ConversationRow): void {
  remember(row);
  for (const one of lists) {
    const rest = one.peek().items.filter((item) => item.id !== row.id);
    if (belongs(one.peek().choice, row)) {
      const at = rest.findIndex((item) => before(row, item));
      // Beyond what is loaded it comes with its page.
      if (at >= 0) rest.splice(at, 0, row);
      else if (one.peek().next === null) rest.push(row);
    }
    one.value = { ...one.peek(), items: rest };
  }
}

const path = (id: string): string => `/conversations/${encodeURIComponent(id)}`;

export async function changeConversation(id: string, change: { title?: string; pinned?: boolean; archived?: boolean; folder_id?: string | null }): Promise<ConversationRow> {
  const row = await call<ConversationRow>("PATCH", path(id), change);
  place(row);
  if (change.folder_id !== undefined || change.archived !== undefined) void loadFolders();
  return row;
}

export async function deleteConversation(row: { id: string }): Promise<void> {
  await call("DELETE", path(row.id));
  for (const one of lists) one.value = { ...one.peek(), items: one.peek().items.filter((item) => item.id !== row.id) };
  void loadFolders();
}

export async function restoreConversation(id: string): Promise<ConversationRow> {
  const row = await post<ConversationRow>(`${path(id)}/restore`);
  place(row);
  void loadFolders();
  return row;
}

export async function purgeConversation(id: string): Promise<void> {
  await call("DELETE", `${path(id)}?forever=true`);
  for (const one of lists) one.value = { ...one.peek(), items: one.peek().items.filter((item) => item.id !== id) };
}

/** A row's count in its folder may be another now. */
async function loadFolders(): Promise<void> {
  const page = await get<ConversationPage>(`/conversations${query({ limit: 1 })}`).catch(() => null);
  if (page?.folders) folders.value = page.folders;
}

export async function makeFolder(name: string): Promise<Folder> {
  const folder = await post<Folder>("/folders", { name });
  await loadFolders();
  return folder;
}

export async function renameFolder(id: string, name: string): Promise<void> {
  await call("PATCH", `/folders/${encodeURIComponent(id)}`, { name });
  await loadFolders();
}

/** Its conversations stay, and are in no folder. */
export async function deleteFolder(id: string): Promise<void> {
  await call("DELETE", `/folders/${encodeURIComponent(id)}`);
  for (const one of lists) one.value = { ...one.peek(), items: one.peek().items.map((row) => (row.folder_id === id ? { ...row, folder_id: null } : row)) };
  await loadFolders();
}

export function searchConversations(words: string, after: string | null, signal: AbortSignal): Promise<Page<FoundConversation>> {
  return post<Page<FoundConversation>>("/conversations/search", { query: words, limit: 20, ...(after ? { after } : {}) }, { signal });
}
