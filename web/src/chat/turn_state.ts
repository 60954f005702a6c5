import type { Coded, Notice, Turn, TurnEvent } from "../api/types";

/** A turn as the page sees it: what is stored, and what is going on now. */
export interface TurnView extends Turn {
  queued: { ahead: number; seconds: number } | null;
  reading: { percent: number; doneTokens: number; totalTokens: number; source: number } | null;
  done: { supported: number; needsCheck: number; firstTokenMs: number; totalMs: number } | null;
  /** Number of the last event that was taken in; the stream resumes after it. */
  lastEvent: number;
  /** The connection is away and comes back by itself. */
  waitingSeconds: number | null;
  /** Nothing has come for a while, though the connection is there. */
  slow: boolean;
  /** Only its place is known so far: what was said comes when somebody comes near it. */
  unloaded?: boolean;
}

export function viewOf(turn: Turn): TurnView {
  return { ...turn, queued: null, reading: null, done: null, lastEvent: 0, waitingSeconds: null, slow: false };
}

/** A turn of which only the place is known. */
export function unloaded(id: string, parent_id: string | null): TurnView {
  return { ...askedTurn({ question: "", mode: "none", shelves: [], parent_id, created_ms: 0 }), id, state: "done", unloaded: true };
}

/** A turn that was asked a moment ago and has no id yet. */
export function askedTurn(values: Pick<Turn, "question" | "mode" | "shelves" | "parent_id" | "created_ms">): TurnView {
  return viewOf({ ...values, id: "", answer: "", state: "running", claims: [], sources: [], not_found: null, model: "", level: 0, error: null, because_source: null, notices: [], rating: null, reason: "" });
}

/** The same turn before its first event: what the stream will say again must not stand there twice. */
export function rewound(turn: TurnView): TurnView {
  return { ...viewOf(turn), state: "running", answer: "", claims: [], sources: [], not_found: null, error: null, notices: [], reason: "" };
}

/** What the turn is after one event. Events that were taken in already, and kinds that we do not know, change nothing. */
export function reduce(turn: TurnView, event: TurnEvent, id: number): TurnView {
  if (id > 0 && id <= turn.lastEvent) return turn;
  const next: TurnView = { ...turn, lastEvent: Math.max(id, turn.lastEvent), waitingSeconds: null, slow: false };
  switch (event.type) {
    case "started": return { ...next, id: event.turn_id, model: event.model };
    case "queued": return { ...next, queued: event.ahead > 0 ? { ahead: event.ahead, seconds: event.seconds } : null };
    case "sources": return { ...next, queued: null, sources: mergeSources(next, event.items) };
    case "reading": return { ...next, queued: null, reading: { percent: event.percent, doneTokens: event.done_tokens, totalTokens: event.total_tokens, source: event.source } };
    case "label": return { ...next, level: event.level, handling: event.handling ?? [], because_source: event.because_source };
    case "text": return { ...next, queued: null, reading: null, answer: next.answer.slice(0, event.at ?? next.answer.length) + event.text };
    case "claim": {
      const { start, end, check, sources, matched, missing } = event;
      const others = next.claims.filter((claim) => claim.end <= start || claim.start >= end);
      return { ...next, claims: [...others, { start, end, check, sources, matched, missing }].sort((a, b) => a.start - b.start) };
    }
    case "notice": return { ...next, notices: [...next.notices, noticeOf(event)] };
    case "not_found": return { ...next, queued: null, reading: null, not_found: { documents: event.documents, shelves: event.shelves, nearest: event.nearest } };
    case "done": return finished(next, event);
    case "failed": return failed(next, { code: event.code, detail: event.detail });
    default: return turn;
  }
}

function finished(turn: TurnView, event: Extract<TurnEvent, { type: "done" }>): TurnView {
  const stopped = event.reason === "stopped" || event.reason === "cancelled";
  return {
    ...turn, state: stopped ? "stopped" : "done", reason: event.reason, queued: null, reading: null, model: event.model, created_ms: event.created_ms, level: event.level,
    done: { supported: event.supported, needsCheck: event.needs_check, firstTokenMs: event.first_token_ms, totalMs: event.total_ms },
  };
}

/** The turn ended without its answer; what was written stays. */
export function failed(turn: TurnView, error: Coded): TurnView {
  return { ...turn, state: error.code === "cancelled" ? "stopped" : "failed", queued: null, reading: null, waitingSeconds: null, error };
}

function mergeSources(turn: TurnView, items: Turn["sources"]): Turn["sources"] {
  const known = new Map(turn.sources.map((source) => [source.number, source]));
  for (const item of items) known.set(item.number, item);
  return [...known.values()].sort((a, b) => a.number - b.number);
}

function noticeOf(event: Extract<TurnEvent, { type: "notice" }>): Notice {
  const { type: _, ...rest } = event;
  return rest as Notice;
}

/** Whether an answer ended before it was finished, and can be gone on with. */
export function brokeOff(turn: TurnView): boolean {
  if (turn.answer === "" || turn.not_found) return false;
  return turn.state === "stopped" || turn.state === "failed" || turn.reason === "length" || turn.reason === "context";
}

/** The event that a message of the stream holds; null when it is not one of ours. */
export function turnEvent(name: string, data: string): TurnEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? ({ ...value, type: name } as TurnEvent) : null;
  } catch {
    return null;
  }
}

/** How many sentences are supported, and how many a person has to check. */
export function checkCounts(turn: TurnView): { supported: number; needsCheck: number } {
  if (turn.done) return { supported: turn.done.supported, needsCheck: turn.done.needsCheck };
  const count = (check: string) => turn.claims.filter((claim) => claim.check === check).length;
  return { supported: count("ok"), needsCheck: count("needed") };
}

/** Turns on the way from the first question to the last, where each question may have been answered more than once. */
export interface Step { turn: TurnView; siblings: TurnView[]; index: number }
export function pathOf(turns: readonly TurnView[], chosen: ReadonlyMap<string, number>): Step[] {
  const byParent = new Map<string, TurnView[]>();
  const ids = new Set(turns.map((turn) => turn.id));
  for (const turn of turns) {
    const parent = turn.parent_id !== null && ids.has(turn.parent_id) ? turn.parent_id : "";
    byParent.set(parent, [...(byParent.get(parent) ?? []), turn]);
  }
  const steps: Step[] = [];
  const seen = new Set<string>();
  for (let parent = ""; ;) {
    const siblings = byParent.get(parent);
    if (!siblings || seen.has(parent)) return steps;
    seen.add(parent);
    const index = Math.min(chosen.get(parent) ?? siblings.length - 1, siblings.length - 1);
    const turn = siblings[index];
    if (!turn) return steps;
    steps.push({ turn, siblings, index });
    if (turn.id === "") return steps;
    parent = turn.id;
  }
}
