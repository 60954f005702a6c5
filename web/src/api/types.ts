/** What the server says and takes, by hand from api/openapi.yaml. Times are milliseconds since 1970; offsets are UTF-16 units. */

export type Role = "official" | "author" | "operator" | "auditor";

export interface User { id: string; name: string; display_name: string; roles: Role[]; clearance: number }
export interface Level { value: number; name: string; short: string; weight: number }
export interface Session {
  user: User;
  /** `example`: a question that this office's documents answer, for the first use. */
  office: { name: string; example?: string };
  csrf: string;
  levels: Level[];
  /** The 取扱制限 that a shelf may bear. */
  handling?: string[];
  model: { name: string; title: string };
  limits: { question_characters: number; document_bytes: number; export_level?: number };
}

export interface Page<T> { items: T[]; next?: string | null }

/** `readers`: lists that must all admit the reader; each list admits the members of any of its groups. */
export interface Shelf { id: string; name: string; level: number; readers: string[][]; handling?: string[]; documents: number; passages: number; reading: number; failed: number }
export interface Group { name: string }

export type DocumentState = "arriving" | "waiting" | "reading" | "ready" | "failed";
export interface Coded { code: string; detail: string }
export interface DocumentNote extends Coded { page: number }
export interface LibraryDocument {
  id: string; shelf_id: string; name: string; kind: string; size_bytes: number; state: DocumentState;
  pages: number; pages_read: number; passages: number; notes: DocumentNote[]; error: Coded | null; created_ms: number; added_by: string;
  /** The version before, and since when a newer one stands in its place. */
  personal?: Personal | null;
  replaces?: string | null; replaced_ms?: number | null;
}
/** What was found of people in a document: counts by kind, and [page, kind, count]. */
export interface Personal { found: Record<string, number>; action: "warn" | "block"; raise_to: string | null; pages: [number, string, number][] }
export interface Passage { id: string; number: number; page_first: number; page_last: number; path: string; text: string; ocr?: number | null }
export interface SearchHit {
  passage_id: string; document_id: string; document_name: string; shelf_id: string; shelf_name: string;
  page: number; path: string; text: string; score: number; level: number; ocr?: number | null;
}

export type Mode = "shelves" | "none";
export type TurnState = "running" | "done" | "stopped" | "failed";
export type Check = "ok" | "needed" | "none";
export interface Source {
  number: number; passage_id: string; document_id: string; document_name: string; shelf_id: string; shelf_name: string;
  page: number; path: string; text: string; level: number;
  /** How surely it was recognised in a picture, in percent; null: it was text already. */
  ocr?: number | null;
}
export interface Claim { start: number; end: number; check: Check; sources: number[]; matched: string[]; missing: string[] }
export interface NotFound { documents: number; shelves: string[]; nearest: number[] }
export type RatingReason = "wrong" | "unsupported" | "incomplete" | "wording" | "refused" | "slow";
export interface Rating { good: boolean; reasons: RatingReason[]; note: string }
/** A remark about a turn: what was left out, with its numbers. */
export type Notice = { code: string } & Record<string, string | number>;
export interface Turn {
  id: string; parent_id: string | null; question: string; mode: Mode; shelves: string[]; answer: string; state: TurnState;
  claims: Claim[]; sources: Source[]; not_found: NotFound | null; model: string; created_ms: number; level: number; handling?: string[]; error: Coded | null;
  because_source: number | null; notices: Notice[]; rating: Rating | null;
  /** Why it ended: "stop", "length", "context", "cancelled"; "" while it runs and where it failed. */
  reason: string;
}
export interface ConversationRow {
  id: string; title: string; level: number; created_ms: number; updated_ms: number; running_turn_id: string | null;
  pinned: boolean; archived: boolean; folder_id: string | null; deleted_ms: number | null; attachments: string | null;
}
export interface Folder { id: string; name: string; conversations: number }
/** `folders` comes with the first page. */
export interface ConversationPage extends Page<ConversationRow> { folders?: Folder[] }
/** `places`: id and the parent's index of every turn, in the order asked; `turns`: the last of them, after the first `after`. */
export interface Conversation extends ConversationRow { places: [string, number | null][]; after: number; turns: Turn[] }
export interface FoundConversation {
  conversation: ConversationRow;
  hits: { turn_id: string | null; where: "title" | "question" | "answer"; snippet: { text: string; hit: boolean }[] }[];
}

/** One message of a turn's stream. */
export type TurnEvent =
  | { type: "started"; turn_id: string; conversation_id: string; title: string; model: string }
  | { type: "queued"; ahead: number; seconds: number }
  | { type: "sources"; items: Source[] }
  | { type: "reading"; percent: number; done_tokens: number; total_tokens: number; source: number }
  | { type: "label"; level: number; name: string; handling?: string[]; because_source: number | null }
  | { type: "text"; text: string; at?: number } // `at`: where in the answer it begins; joined events may overlap what is there
  | ({ type: "claim" } & Claim)
  | ({ type: "notice"; code: string } & { [figure: string]: string | number })
  | ({ type: "not_found" } & NotFound)
  | { type: "done"; reason: string; model: string; created_ms: number; level: number; level_name: string; characters: number; supported: number; needs_check: number; first_token_ms: number; total_ms: number }
  | { type: "failed"; code: string; detail: string };

export interface Verdict { area: string; name: string; ok: boolean; detail: string }
export interface Health { verdicts: Verdict[] }
export interface Person { id: string; name: string; display_name: string; roles: Role[]; clearance: number; groups: string[]; suspended?: boolean }
export interface Model { name: string; title: string; installed: boolean; active: boolean; size_bytes: number; licence: string; kind: "text" | "embedding"; added: boolean; fetchable: boolean }
/** A model that is being fetched or verified, or the last one that was. */
export interface ModelJob { act: "fetch" | "verify"; name: string; state: "running" | "done" | "failed"; done_bytes: number; total_bytes: number; error: Coded | null }
/** `chosen`: for the next start; `named`: whether the command line names the model, and a choice has no effect. */
export interface ModelDesk { items: Model[]; chosen: { answering: string; embedding: string }; named: { answering: boolean; embedding: boolean }; job: ModelJob | null }

export interface AuditEntry {
  sequence: number; time_ms: number; kind: string; actor_name: string; subjects: string[]; level: string | null;
  outcome: "allowed" | "denied" | "done" | "failed"; details: Record<string, unknown>; hash: string;
}
export interface AuditPage { items: AuditEntry[]; next: number | null }
/** That an auditor may read what an Entry seals, once another person agreed. */
export interface Opening { id: string; sequence: number; level: string; reason: string; asked_by: string; asked_ms: number; approved_by: string; ends_ms: number; own: boolean }
export interface Openings { items: Opening[]; now_ms: number }
export interface OpenedContent { question: string; answer: string; sources: { number: number; document_name: string; text: string }[] }
export interface AuditReport { entries: number; segments: number; first_time_ms: number; last_time_ms: number; recoveries: number; head: string; checkpoints: number; covered: number | null; broken: { sequence: number; file: string; line: number; why: string } | null }
export interface Speed { hours: { begin_ms: number; answers: number; failed: number; first_text_ms: number; tokens_per_second: number }[]; waiting: number; running: number }
export interface Storage { database_bytes: number; blobs_bytes: number; audit_bytes: number; backup_bytes: number; free_bytes: number; disk_bytes: number }
export interface RatedAnswer { turn_id: string; good: boolean; reasons: RatingReason[]; note: string; mode: Mode; state: TurnState; model: string; supported: number; needs_check: number; not_found: boolean; total_ms: number; level: number; created_ms: number }
export interface ApiKey { id: string; name: string; hint: string; bound: boolean; expires_ms: number | null; created_ms: number }
