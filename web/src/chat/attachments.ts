import { signal } from "@preact/signals";
import { asApiError, call, get, post, query, type ApiError } from "../api/client";
import type { LibraryDocument, Page, Shelf } from "../api/types";
import { session } from "../app/session";
import { droppedIn, sorted, type Dropped } from "../library/dropped";
import { addFiles, uploads } from "../library/upload";
import { t } from "../text";
import { answering, current } from "./store";

/** What is attached to the conversation on the screen ("": to the one that the next question begins). */
export interface Attached {
  conversation: string;
  shelf: string;
  level: number;
  documents: LibraryDocument[];
  /** Answer from these alone, or from the chosen shelves, too. */
  only: boolean;
}
export const attached = signal<Attached | null>(null);
/** Files that wait until their label is chosen. */
export const waiting = signal<File[]>([]);
/** What of the last drop was left out. */
export const leftOut = signal<Dropped | null>(null);
export const attachError = signal<ApiError | null>(null);

const pollMs = 1200;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Takes files from a button, a drop or a paste; those of the first time wait for a label. */
export function attach(files: readonly File[]): void {
  if (files.length === 0) return;
  const dropped = sorted(files);
  leftOut.value = dropped;
  if (dropped.files.length === 0) return;
  if (attached.peek()) send(dropped.files);
  else waiting.value = [...waiting.peek(), ...dropped.files];
}

/** Takes what was dropped, folders included. */
export async function attachDropped(transfer: DataTransfer | null): Promise<void> {
  const dropped = await droppedIn(transfer);
  if (dropped.files.length > 0) attach(dropped.files);
  leftOut.value = dropped;
}

/** A picture from the clipboard has no name of its own. */
export function pasted(files: readonly File[]): File[] {
  return files.map((file) => (/^image\.\w+$/.test(file.name) ? new File([file], `${t.attach.imageName}${file.name.slice(file.name.lastIndexOf("."))}`, { type: file.type }) : file));
}

/** The label is chosen: makes the shelf of this conversation and sends what waits. */
export async function attachAs(level: number, conversation: string): Promise<void> {
  const files = waiting.peek();
  const shelf = await post<{ id: string; level: number }>("/attachments", { level });
  attached.value = { conversation, shelf: shelf.id, level: shelf.level, documents: [], only: true };
  waiting.value = [];
  send(files);
}

function send(files: readonly File[]): void {
  const to = attached.peek();
  if (to) addFiles(to.shelf, files, session.peek()?.limits.document_bytes ?? 0, () => void look());
}

/** Asks for the state of what was sent, again and again while something is being read. */
async function look(): Promise<void> {
  clearTimeout(timer);
  const of = attached.peek();
  if (!of) return;
  try {
    const page = await get<Page<LibraryDocument>>(`/shelves/${encodeURIComponent(of.shelf)}/documents${query({ limit: 100 })}`);
    if (attached.peek()?.shelf !== of.shelf) return;
    attached.value = { ...(attached.peek() ?? of), documents: page.items };
    attachError.value = null;
    if (page.items.some((one) => one.state !== "ready" && one.state !== "failed")) timer = setTimeout(() => void look(), pollMs);
  } catch (cause) {
    attachError.value = asApiError(cause);
  }
}

/** Another conversation is on the screen: what is attached to it, or nothing. */
export function showAttached(conversation: string, shelf: string | null): void {
  const now = attached.peek();
  // The question has just made a conversation of what was attached to none.
  const begun = conversation !== "" && answering.peek() && current.peek().id === conversation;
  if (now && now.conversation === "" && (begun || shelf === now.shelf) && conversation !== "") { attached.value = { ...now, conversation }; return; }
  if (now?.conversation === conversation) return;
  clearTimeout(timer);
  waiting.value = [];
  leftOut.value = null;
  attached.value = shelf ? { conversation, shelf, level: 0, documents: [], only: true } : null;
  if (shelf) void look().then(() => labelOf(shelf));
}

async function labelOf(shelf: string): Promise<void> {
  const found = await get<Shelf>(`/shelves/${encodeURIComponent(shelf)}`).catch(() => null);
  const now = attached.peek();
  if (found && now?.shelf === shelf) attached.value = { ...now, level: found.level };
}

export function answerFrom(only: boolean): void {
  const now = attached.peek();
  if (now) attached.value = { ...now, only };
}

export async function readAgain(document: LibraryDocument): Promise<void> {
  await post(`/documents/${encodeURIComponent(document.id)}/retry`);
  await look();
}

export async function detach(document: LibraryDocument): Promise<void> {
  await call("DELETE", `/documents/${encodeURIComponent(document.id)}`);
  await look();
}

/** Still on its way or being read. */
export function attachmentsBusy(): boolean {
  const now = attached.value;
  if (!now) return waiting.value.length > 0;
  return uploads.value.some((upload) => upload.shelf === now.shelf && upload.state !== "failed") || now.documents.some((one) => one.state !== "ready" && one.state !== "failed");
}

/** The shelf that a question is to be answered from, where something readable is attached. */
export function attachmentShelf(): { shelf: string; only: boolean } | null {
  const now = attached.peek();
  return now && now.documents.some((one) => one.state === "ready") ? { shelf: now.shelf, only: now.only } : null;
}
