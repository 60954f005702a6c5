/** Words that every room of the page uses. */
import type { Role } from "../../api/types";
import { clock } from "../calendar";
import { hasLabel } from "../patterns";
import { comma, counted, dayHead, eraDate, gap, number, size, when } from "./figures";

const roles: Record<Role, string> = { official: "Official", author: "Author", operator: "Operator", auditor: "Auditor" };

/** What a page of these is called. */
export const pageNames: Record<string, string> = { xlsx: "sheet", xls: "sheet", ods: "sheet", pptx: "slide", ppt: "slide", odp: "slide" };
/** Nothing where the path names a sheet, slide or attachment: they have no printed pages. */
const pageNumber = (page: number, path: string): string => (page > 0 && !hasLabel(path) ? `page ${number.format(page)}` : "");

export const common = {
  loading: "Loading…",
  tryAgain: "Try again",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  delete: "Delete",
  deleteIt: "Delete",
  more: "Show more",
  need: "Required",
  copy: "Copy",
  copied: "Copied.",
  notCopied: "Could not copy. Select the text and copy it yourself.",
  copyTable: "Copy table",
  saveTable: "Save as CSV",
  tableFile: "table.csv",
  ruby: { open: " (", close: ") " },
  table: "Table",
  acts: "Actions",
  level: "Label",
  state: "State",
  document: "Document",
  passage: "Passage",
  source: "Source",
  question: "Question",
  answer: "Answer",
  newQuestion: "New question",
  editQuestion: "Edit and ask again",
  editNote: "The question and answer before stay.",
  rewrite: "Write again",
  copyMarkdown: "Copy as Markdown",
  goOn: "Continue the answer",
  cutOff: "The answer reached its length limit and stops here.",
  earlier: (count: number) => `Show ${counted(count, "earlier exchange")}`,
  inspect: "Check by sentence",
  skip: "Skip to content",
  menu: "Menu",
  signIn: "Sign in",
  signOut: "Sign out",
  settingsOf: ": settings",
  settingsWith: (name: string) => `Settings (${name})`,
  comma, gap,
  colon: ": ",
  ellipsis: "…",
  orMore: "+",
  of: (name: string) => ` (${name})`,
  hostOf: (host: string) => ` (${host})`,
  join: (words: readonly string[]) => words.join(comma),
  count: (count: number) => number.format(count),
  seconds: (ms: number) => number.format(Math.round(ms / 100) / 10),
  items: (count: number) => number.format(count),
  pageNumber,
  ocr: (confidence: number) => `Recognised (OCR), ${confidence}% sure`,
  ocrLow: (confidence: number) => `Recognised (OCR), only ${confidence}% sure: compare it with the original`,
  pageOf: (page: number, pages: number, kind: string) => `${pageNames[kind] ?? "page"} ${number.format(page)}${pages > 0 ? ` of ${number.format(pages)}` : ""}`,
  /** Lists that must all admit the reader: a comma within one, "and also" between them. */
  readers: (lists: readonly (readonly string[])[]) => lists.map((list) => list.join(comma)).join(" and also ") || "everyone in the office",
  time: clock,
  dayHead, when, size,
  eraTime: (ms: number) => `${eraDate(ms)}, ${clock(ms)}`,
  retrySoon: (seconds: number) => `What you have written stays on this screen. Connecting again in ${counted(seconds, "second")}.`,
  sourceLine: (no: number, name: string, path: string, page: number) => `Source ${no}: ${[name, path, pageNumber(page, path)].filter(Boolean).join(gap)}`,

  nav: { all: "Main", ask: "Ask", shelves: "Shelves", admin: "Administration", audit: "Audit" },
  signs: { question: "Q", answer: "A" },
  checks: { ok: "Supported", needed: "Check needed", none: "No source" },
  branch: { label: "Versions of this question", before: "Previous version", after: "Next version" },
  undo: "Undo",
  nothingHere: { title: "Nothing to show", text: "This page does not exist, or you may not see it.", back: "Back to the start" },
  roles,
  roleHints: {
    official: "Asks questions and uses the shelves they may read.",
    author: "Makes shelves and fills them with documents.",
    operator: "Looks after accounts, models and the server.",
    auditor: "Checks the records. Keep this role apart from the others.",
  } satisfies Record<Role, string>,
};
