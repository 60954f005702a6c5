import { batch, signal } from "@preact/signals";
import { ApiError, asApiError, call, get, post, query } from "../api/client";
import { readEvents, type ServerEvent } from "../api/event_stream";
import type { Conversation, ConversationRow, Mode, Page } from "../api/types";
import { local } from "../app/preferences";
import { place, rename } from "../app/router";
import { session } from "../app/session";
import { askedTurn, failed, pathOf, reduce, rewound, turnEvent, viewOf, type TurnView } from "./turn_state";

/** The conversation on the screen. `id` is "" until the server has given it one. */
export interface ConversationView { id: string; title: string; level: number; turns: TurnView[] }

export const current = signal<ConversationView>({ id: "", title: "", level: 0, turns: [] });
export const opening = signal<{ id: string; error: ApiError | null } | null>(null);
/** Which of several answers to one question is shown: parent's id → index. */
export const chosenBranch = signal<ReadonlyMap<string, number>>(new Map());
/** Why the last question was not taken; it is back in the composer. */
export const sendError = signal<ApiError | null>(null);
/** What the composer is to hold; `serial` changes when it was set from outside. */
export const composerText = signal<{ text: string; serial: number }>({ text: "", serial: 0 });
/** The source column: which turn's sources, which claim, and which source is open (null: the list). */
export const panel = signal<{ turn: string; claim: number; source: number | null } | null>(null);
/** A sentence or a change of state for people who listen. */
export const spoken = signal("");

let running: { control: AbortController; turn: TurnView } | null = null;
export const answering = signal(false);

export function putInComposer(text: string): void {
  composerText.value = { text, serial: composerText.peek().serial + 1 };
}

// ---- the list of conversations

export const list = signal<{ items: ConversationRow[]; next: string | null; loading: boolean; error: ApiError | null }>({ items: [], next: null, loading: false, error: null });

export async function loadList(more = false): Promise<void> {
  const old = list.peek();
  if (old.loading) return;
  list.value = { ...old, loading: true, error: null };
  try {
    const page = await get<Page<ConversationRow>>(`/conversations${query({ limit: 50, after: more ? old.next : null })}`);
    list.value = { items: more ? [...old.items, ...page.items] : page.items, next: page.next ?? null, loading: false, error: null };
  } catch (cause) {
    list.value = { ...old, loading: false, error: asApiError(cause) };
  }
}

export async function renameConversation(id: string, title: string): Promise<void> {
  await call("PATCH", `/conversations/${encodeURIComponent(id)}`, { title });
  list.value = { ...list.peek(), items: list.peek().items.map((row) => (row.id === id ? { ...row, title } : row)) };
  if (current.peek().id === id) current.value = { ...current.peek(), title };
}

export async function deleteConversation(id: string): Promise<void> {
  await call("DELETE", `/conversations/${encodeURIComponent(id)}`);
  list.value = { ...list.peek(), items: list.peek().items.filter((row) => row.id !== id) };
  local.write(draftKey(id), null);
}

// ---- one conversation

/** Leaves what is on the screen; an answer that runs goes on at the server. */
export function leave(): void {
  running?.control.abort();
  running = null;
  batch(() => {
    answering.value = false;
    current.value = { id: "", title: "", level: 0, turns: [] };
    chosenBranch.value = new Map();
    panel.value = null;
    sendError.value = null;
    opening.value = null;
  });
}

export async function openConversation(id: string): Promise<void> {
  if (current.peek().id === id) return;
  leave();
  opening.value = { id, error: null };
  try {
    const found = await get<Conversation>(`/conversations/${encodeURIComponent(id)}`);
    if (opening.peek()?.id !== id) return;
    show(found);
  } catch (cause) {
    if (opening.peek()?.id === id) opening.value = { id, error: asApiError(cause) };
  }
}

function show(found: Conversation): void {
  batch(() => {
    opening.value = null;
    current.value = { id: found.id, title: found.title, level: found.level, turns: found.turns.map(viewOf) };
    const last = found.turns.filter((turn) => turn.sources.length > 0).pop();
    panel.value = last ? { turn: last.id, claim: -1, source: null } : null;
  });
  const open = found.turns.find((turn) => turn.state === "running");
  if (open) void follow(rewound(viewOf(open)));
}

function replaceTurn(before: TurnView, after: TurnView): void {
  const view = current.peek();
  current.value = { ...view, turns: view.turns.map((turn) => (turn === before || (before.id !== "" && turn.id === before.id) ? after : turn)) };
}

/** Starts a turn on the screen and keeps it up to date, event by event, drawing at most once a frame. */
class LiveTurn {
  private pending: ServerEvent[] = [];
  private frame = 0;
  readonly control = new AbortController();
  constructor(public turn: TurnView) {}

  take = (event: ServerEvent): void => {
    this.pending.push(event);
    if (this.frame === 0) this.frame = window.setTimeout(() => this.flush(), document.hidden ? 250 : 16);
  };

  flush(): void {
    window.clearTimeout(this.frame);
    this.frame = 0;
    const events = this.pending;
    this.pending = [];
    let next = this.turn;
    for (const event of events) {
      const parsed = turnEvent(event.event, event.data);
      if (!parsed) continue;
      if (parsed.type === "started") this.started(parsed.conversation_id, parsed.title);
      if (parsed.type === "claim") spoken.value = next.answer.slice(parsed.start, parsed.end);
      next = reduce(next, parsed, Number(event.id) || 0);
    }
    this.put(next);
  }

  put(next: TurnView): void {
    if (next === this.turn) return;
    const before = this.turn;
    this.turn = next;
    batch(() => {
      replaceTurn(before, next);
      const view = current.peek();
      if (next.level > view.level) current.value = { ...view, level: next.level };
      if (next.sources.length > 0 && panel.peek()?.turn !== next.id && before.sources.length === 0) panel.value = { turn: next.id, claim: -1, source: null };
    });
  }

  private started(conversation: string, title: string): void {
    const view = current.peek();
    if (readDraft(view.id) === this.turn.question) writeDraft(view.id, "");
    if (view.id === "" && place.peek().path === "/") rename(`/questions/${encodeURIComponent(conversation)}`);
    current.value = { ...view, id: conversation, title: title || view.title };
    void loadList();
  }
}

const ended = (turn: TurnView): boolean => turn.state !== "running";

/** Seconds before each new try; the last one repeats. */
const retrySeconds = [1, 2, 5, 10, 20];

/** Reads the stream of a turn that the server has, and comes back after every interruption until it has ended. */
async function follow(turn: TurnView, live = new LiveTurn(turn)): Promise<void> {
  running = live;
  answering.value = true;
  replaceTurn(turn, turn);
  for (let attempt = 0; !ended(live.turn) && !live.control.signal.aborted;) {
    const before = live.turn.lastEvent;
    try {
      await readEvents("GET", `/turns/${encodeURIComponent(live.turn.id)}/events${query({ after: live.turn.lastEvent })}`, undefined, live.control.signal, live.take);
      live.flush();
    } catch (cause) {
      live.flush();
      const error = asApiError(cause);
      if (error.code === "cancelled" || live.control.signal.aborted) return;
      if (error.status === 401) break;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) { await settle(live); break; }
    }
    if (ended(live.turn)) break;
    attempt = live.turn.lastEvent > before ? 0 : attempt + 1;
    const seconds = retrySeconds[Math.min(attempt, retrySeconds.length - 1)] ?? 20;
    live.put({ ...live.turn, waitingSeconds: seconds });
    await pause(seconds * 1000, live.control.signal);
  }
  finish(live);
}

/** The stream is no longer kept: the stored turn is the truth. */
async function settle(live: LiveTurn): Promise<void> {
  try {
    const stored = await get<Conversation>(`/conversations/${encodeURIComponent(current.peek().id)}`);
    const turn = stored.turns.find((one) => one.id === live.turn.id);
    live.put(turn && turn.state !== "running" ? viewOf(turn) : failed(live.turn, { code: "unavailable", detail: "the stream is gone" }));
  } catch {
    live.put(failed(live.turn, { code: "unavailable", detail: "the stream is gone" }));
  }
}

function finish(live: LiveTurn): void {
  if (running?.control !== live.control) return;
  running = null;
  answering.value = false;
  void loadList();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => { clearTimeout(timer); window.removeEventListener("online", end); signal.removeEventListener("abort", end); resolve(); };
    const timer = setTimeout(end, ms);
    window.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

export interface Question { question: string; mode: Mode; shelves: string[]; regenerateOf?: TurnView }

/** Sends a question and shows its answer as it comes. Resolves when it has ended; a question that was not taken is put back. */
export async function ask({ question, mode, shelves, regenerateOf }: Question): Promise<void> {
  if (answering.peek()) return;
  const view = current.peek();
  const parent = regenerateOf ? regenerateOf.parent_id : lastOnPath()?.id ?? null;
  const turn = askedTurn({ question, mode, shelves, parent_id: parent, created_ms: Date.now() });
  const live = new LiveTurn(turn);
  running = live;
  batch(() => {
    answering.value = true;
    sendError.value = null;
    current.value = { ...view, turns: [...view.turns, turn] };
    chosenBranch.value = new Map([...chosenBranch.peek()].filter(([key]) => key !== (parent ?? "")));
  });
  const body = { question, mode, ...(mode === "shelves" ? { shelves } : {}), ...(view.id ? { conversation_id: view.id } : {}), ...(regenerateOf ? { regenerate_of: regenerateOf.id } : {}) };
  try {
    await readEvents("POST", "/turns", body, live.control.signal, live.take);
    live.flush();
  } catch (cause) {
    live.flush();
    const error = asApiError(cause);
    if (live.control.signal.aborted) return;
    if (live.turn.id === "") return refuse(live, error, regenerateOf ? "" : question);
  }
  if (live.control.signal.aborted) return;
  if (live.turn.id === "") return refuse(live, new ApiError("offline", "the stream ended before it began", 0, ""), regenerateOf ? "" : question);
  if (ended(live.turn)) finish(live);
  else await follow(live.turn, live);
}

function refuse(live: LiveTurn, error: ApiError, question: string): void {
  batch(() => {
    const view = current.peek();
    current.value = { ...view, turns: view.turns.filter((turn) => turn !== live.turn) };
    sendError.value = error;
    if (question) putInComposer(question);
  });
  finish(live);
}

export async function stop(): Promise<void> {
  const turn = running?.turn;
  if (!turn || turn.id === "") return;
  try {
    await post(`/turns/${encodeURIComponent(turn.id)}/stop`);
  } catch (cause) {
    sendError.value = asApiError(cause);
  }
}

/** The last turn that is shown; the next question follows it. */
export function lastOnPath(): TurnView | null {
  const steps = pathOf(current.peek().turns, chosenBranch.peek()).filter((step) => step.turn.id !== "");
  return steps[steps.length - 1]?.turn ?? null;
}

// ---- drafts: kept on this device, a draft for each conversation of each person

export function draftKey(conversation: string): string {
  return `draft.${session.peek()?.user.id ?? ""}.${conversation || "new"}`;
}
export function readDraft(conversation: string): string { return local.read(draftKey(conversation)) ?? ""; }
export function writeDraft(conversation: string, text: string): void { local.write(draftKey(conversation), text === "" ? null : text); }
