import { batch, signal } from "@preact/signals";
import { ApiError, asApiError, call, get, post, query } from "../api/client";
import { readEvents, type ServerEvent } from "../api/event_stream";
import type { Conversation, Mode, Page, Rating, Turn } from "../api/types";
import { local } from "../app/local";
import { place, rename } from "../app/router";
import { session } from "../app/session";
import { loadList, remember } from "./conversations";
import { askedTurn, failed, pathOf, reduce, rewound, turnEvent, unloaded, viewOf, type TurnView } from "./turn_state";

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
  const known = new Map(current.peek().id === found.id ? current.peek().turns.map((turn) => [turn.id, turn]) : []);
  const fresh = new Map(found.turns.map((turn) => [turn.id, turn]));
  remember(found);
  batch(() => {
    opening.value = null;
    current.value = {
      id: found.id, title: found.title, level: found.level,
      turns: found.places.map(([id, parent]) => {
        const turn = fresh.get(id);
        return turn ? viewOf(turn) : known.get(id) ?? unloaded(id, parent === null ? null : found.places[parent]?.[0] ?? null);
      }),
    };
    const last = found.turns.filter((turn) => turn.sources.length > 0).pop();
    panel.value = last ? { turn: last.id, claim: -1, source: null } : null;
  });
  const open = found.turns.find((turn) => turn.state === "running");
  if (open) void follow(rewound(viewOf(open)));
}

const stretch = 40;
const coming = new Set<string>();

/** Brings what was said in a turn that only stands in its place so far, with its neighbours. */
export async function loadAround(id: string): Promise<void> {
  const view = current.peek();
  const at = view.turns.findIndex((turn) => turn.id === id);
  const after = Math.max(0, at - stretch / 2);
  const key = `${view.id} ${after}`;
  if (at < 0 || !view.turns[at]?.unloaded || coming.has(key)) return;
  coming.add(key);
  try {
    const page = await get<Page<Turn>>(`/conversations/${encodeURIComponent(view.id)}/turns${query({ after, limit: stretch })}`);
    const now = current.peek();
    const fresh = new Map(page.items.map((turn) => [turn.id, viewOf(turn)]));
    if (now.id === view.id) current.value = { ...now, turns: now.turns.map((turn) => (turn.unloaded ? fresh.get(turn.id) ?? turn : turn)) };
  } catch (cause) {
    sendError.value = asApiError(cause);
  } finally {
    coming.delete(key);
  }
}

function replaceTurn(before: TurnView, after: TurnView): void {
  const view = current.peek();
  current.value = { ...view, turns: view.turns.map((turn) => (turn === before || (before.id !== "" && turn.id === before.id) ? after : turn)) };
}

export function titleChanged(id: string, title: string): void {
  if (current.peek().id === id) current.value = { ...current.peek(), title };
}

/** Starts a turn on the screen and keeps it up to date, event by event, drawing at most once a frame. */
class LiveTurn {
  private pending: ServerEvent[] = [];
  private frame = 0;
  private silence = 0;
  readonly control = new AbortController();
  /** `draft`: what holds the question until the server has it, where that is not the composer. */
  constructor(public turn: TurnView, private readonly draft: string | null = null) {
    this.watch();
    this.control.signal.addEventListener("abort", () => window.clearTimeout(this.silence));
  }

  take = (event: ServerEvent): void => {
    this.watch();
    this.pending.push(event);
    if (this.frame === 0) this.frame = window.setTimeout(() => this.flush(), document.hidden ? 250 : 16);
  };

  /** Says so when nothing has come for a while. */
  watch(): void {
    window.clearTimeout(this.silence);
    this.silence = window.setTimeout(() => { if (!ended(this.turn)) this.put({ ...this.turn, slow: true }); }, slowAfterMs);
  }

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

  over(): void { window.clearTimeout(this.silence); }

  private started(conversation: string, title: string): void {
    const view = current.peek();
    if (readDraft(this.draft ?? view.id) === this.turn.question) writeDraft(this.draft ?? view.id, "");
    if (view.id === "" && place.peek().path === "/") rename(`/questions/${encodeURIComponent(conversation)}`);
    current.value = { ...view, id: conversation, title: title || view.title };
    void loadList();
  }
}

const ended = (turn: TurnView): boolean => turn.state !== "running";
const slowAfterMs = 20_000;

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
  live.over();
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

/** `beside`: the turn that the question stands beside, and why: its question in other words, its answer anew, or its answer gone on with. */
export interface Question { question: string; mode: Mode; shelves: string[]; attachments?: string; summaryOf?: string; beside?: { turn: TurnView; as: "edit_of" | "regenerate_of" | "continue_of" } }

/** Sends a question and shows its answer as it comes. Resolves when it has ended; a question that was not taken is put back. */
export async function ask({ question, mode, shelves, beside, attachments, summaryOf }: Question): Promise<void> {
  if (answering.peek()) return;
  const view = current.peek();
  const last = lastOnPath();
  const parent = beside ? beside.turn.parent_id : last?.id ?? null;
  const turn = askedTurn({ question, mode, shelves, parent_id: parent, created_ms: Date.now() });
  const live = new LiveTurn(turn, beside?.as === "edit_of" ? editDraft(beside.turn) : null);
  running = live;
  batch(() => {
    answering.value = true;
    sendError.value = null;
    current.value = { ...view, turns: [...view.turns, turn] };
    chosenBranch.value = new Map([...chosenBranch.peek()].filter(([key]) => key !== (parent ?? "")));
  });
  const placed = beside ? { [beside.as]: beside.turn.id } : last ? { follows: last.id } : {};
  const body = { question, mode, ...(mode === "shelves" ? { shelves } : {}), ...(view.id ? { conversation_id: view.id, ...placed } : {}), ...(attachments ? { attachments } : {}), ...(summaryOf ? { summary_of: summaryOf } : {}) };
  const back = beside ? "" : question;
  try {
    await readEvents("POST", "/turns", body, live.control.signal, live.take);
    live.flush();
  } catch (cause) {
    live.flush();
    const error = asApiError(cause);
    if (live.control.signal.aborted) return;
    if (live.turn.id === "") return refuse(live, error, back);
  }
  if (live.control.signal.aborted) return;
  if (live.turn.id === "") return refuse(live, new ApiError("offline", "the stream ended before it began", 0, ""), back);
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

/** Keeps what a person thinks of an answer; null takes it back. */
export async function rate(turn: TurnView, rating: Rating | null): Promise<void> {
  const path = `/turns/${encodeURIComponent(turn.id)}/rating`;
  if (rating) await call("PUT", path, rating);
  else await call("DELETE", path);
  const now = current.peek().turns.find((one) => one.id === turn.id);
  if (now) replaceTurn(now, { ...now, rating });
}

/** Another tab may have asked meanwhile: takes in what this one does not have. */
export async function lookAgain(): Promise<void> {
  const view = current.peek();
  if (view.id === "" || answering.peek()) return;
  const found = await get<Conversation>(`/conversations/${encodeURIComponent(view.id)}`).catch(() => null);
  if (!found || answering.peek() || current.peek() !== view) return;
  const fresh = found.turns.filter((turn) => !view.turns.some((one) => one.id === turn.id));
  if (fresh.length > 0) show(found);
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
/** Where a question that is being put in other words is kept. */
export function editDraft(turn: TurnView): string { return `edit.${turn.id}`; }
export function readDraft(conversation: string): string { return local.read(draftKey(conversation)) ?? ""; }
export function writeDraft(conversation: string, text: string): void { local.write(draftKey(conversation), text === "" ? null : text); }
