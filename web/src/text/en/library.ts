/** Shelves, documents, and what could not be read of them. */
import type { Coded, DocumentNote } from "../../api/types";
import { pageNames } from "./common";
import { stoppedWords } from "./errors";
import { comma, counted, number, size } from "./figures";

export const library = {
  shelves: {
    title: "Shelves", name: "Shelf", list: "List of shelves", all: "All shelves",
    lead: "Documents on a shelf can be used for answers. Each shelf has its label and its readers. Only shelves that you may read are listed.",
    make: "New shelf", makeIt: "Make",
    empty: "There is no shelf that you may read. Ask an author or an operator.",
    emptyKeeper: "There is no shelf. Press “New shelf” to make the first one.",
    nameOf: "Name of the shelf",
    nameHint: "Choose a name that its readers will recognise.",
    nameMissing: "Enter a name for the shelf.",
    nameTaken: "There is a shelf of this name. Choose another name.",
    readers: "Readers",
    readersHint: "Members of any chosen group may read it.",
    relabel: "Change the label", relabelIt: "Change", relabelled: "The label is changed.",
    relabelNote: "This is recorded for audit with its reason. Only an operator may lower a label, admit more readers or lift a restriction. Earlier answers keep their label.",
    relabelDenied: "It cannot be given this label. Ask an operator to lower it.",
    reason: "Reason", reasonHint: "Write it for someone who checks later.", reasonMissing: "Enter a reason of at least 5 characters.",
    handling: "Restrictions", handlingHint: "Answers from this shelf bear them, too. What bears one is neither exported nor shared, however low its label is.",
    readersMissing: "Choose at least one group.",
    noDocuments: "No documents",
    reading: (count: number) => `${number.format(count)} being read`,
    failed: (count: number) => `${number.format(count)} unreadable`,
    askIt: "Ask this shelf",
    deleteIt: "Delete the shelf",
    deleteAsk: (name: string) => `Delete the shelf “${name}”?`,
    deleteText: (count: number) => `${counted(count, "document")} will be gone and cannot be brought back. Answers that cite this shelf stay, but their sources no longer open.`,
    deleted: "The shelf is deleted.",
    gone: "This shelf cannot be opened. It was deleted, or you may not read it.",
  },
  documents: {
    list: "List of documents", filter: "Show by state",
    filters: { all: "All", ready: "Ready", reading: "Being read", care: "Needs care" },
    pages: "Pages", added: "Added", add: "Add documents",
    drop: (limit: string) => `You can also drop files or folders here: PDF, Word, CSV and others, up to ${limit} each.`,
    skipped: (names: readonly string[]) => `Not added, because no documents: ${counted(names.length, "file")} (${[...new Set(names)].slice(0, few).join(comma)}${new Set(names).size > few ? " and more" : ""}).`,
    unreadFiles: (names: readonly string[]) => `${counted(names.length, "file")} could not be opened on this device (${names.slice(0, few).join(comma)}${names.length > few ? " and more" : ""}). Drop them again.`,
    tooMany: (most: number) => `At most ${counted(most, "file")} are added at once. Drop the others separately.`,
    nothingDropped: "There are no files in it.",
    toSend: "Waiting to be sent",
    sending: "Sending",
    sendingOf: (name: string) => `Sending of ${name}`,
    sent: (sent: number, all: number) => `${size(sent)} / ${size(all)}`,
    notSent: "Not sent",
    sendAgain: "Send again",
    dismiss: "Take off the list",
    arriving: "Arriving",
    waiting: "Waiting",
    reading: "Being read",
    readingPercent: (percent: number) => `Being read ${percent}%`,
    readingOf: (name: string) => `Reading of ${name}`,
    ready: "Ready",
    partly: "Read with gaps",
    unreadable: "Unreadable",
    retry: "Read again",
    passwordOf: (name: string) => `Password of “${name}”`,
    passwordHint: "Used for this one reading, and kept nowhere.",
    openWithPassword: "Open with the password",
    deleteOf: (name: string) => `Delete ${name}`,
    removed: (name: string) => `“${name}” is deleted. You can bring it back for 7 days.`,
    restored: (name: string) => `“${name}” is back.`,
    versions: "Versions",
    replace: "Replace",
    replaceHint: "Until the new version has been read, answers use the present one.",
    newVersion: "New version (takes its place when it has been read)",
    currentVersion: "Version in use",
    oldVersion: "This is an old version.",
    oldVersionText: "A newer one has taken its place. Answers do not use it.",
    empty: "There are no documents. Press “Add documents”, or drop files on the frame above.",
    emptyReader: "There are no documents.",
    emptyFilter: "No document is in this state.",
    gone: "This document cannot be opened. It was deleted, or you may not read it.",
    goneNext: "Ask the keeper of the shelf.",
    noPassages: "There is nothing in it that can be read.",
    noPage: "Text",
    contents: "Contents",
    backTo: (shelf: string) => (shelf ? `Back to the shelf “${shelf}”` : "Back to the shelf"),
    facts: "About the document",
    personal: "Personal data found",
    personalText: (found: string, pages: string) => `${found}${pages ? ` (${pages})` : ""}. `,
    personalPages: (pages: readonly number[]) => `${pages.length === 1 ? "page" : "pages"} ${pages.join(comma)}`,
    personalRaise: (level: string, to: string) => `The label of this shelf is “${level}”. A shelf of “${to}” or higher is advised: move it there, then delete it here.`,
    personalKeep: "Make sure that the right people may read it.",
    gaps: "About the reading",
    kind: "Kind",
    kindWords: (kind: string, pages: number, bytes: number) => [kindNames[kind] ?? kind, pages > 0 ? counted(pages, pageNames[kind] ?? "page") : "", size(bytes)].filter(Boolean).join(comma),
  },
  search: {
    label: "Search the documents",
    title: "Search in documents",
    words: (words: string) => `Passages near “${words}” on the shelves that you may read.`,
    results: "Passages found",
    empty: "Nothing was found. Try other words.",
  },
};

const kindNames: Record<string, string> = {
  pdf: "PDF", docx: "Word (docx)", doc: "Word (doc)", odt: "OpenDocument text", rtf: "Rich text", text: "Text", markdown: "Markdown", aozora: "Aozora Bunko text", html: "HTML",
  xlsx: "Excel (xlsx)", xls: "Excel (xls)", ods: "OpenDocument sheet", csv: "CSV", tsv: "TSV",
  pptx: "PowerPoint (pptx)", ppt: "PowerPoint (ppt)", odp: "OpenDocument slides",
  mail: "Mail", msg: "Mail (Outlook)", zip: "zip archive", law: "Law in XML", xml: "XML", json: "JSON", image: "Picture",
};

const savedAs: Record<string, string> = { ichitaro: "Ichitaro", docuworks: "DocuWorks", oasys: "OASYS" };

/** Why a document cannot be read, and what to do. */
export function documentErrorWords(error: Coded | null): string {
  switch (error?.code) {
    case "encrypted": return "It is protected by a password. A PDF or zip can be opened with it; for others, remove the protection and add the file again.";
    case "damaged": case "corrupt": return "The file is damaged and does not open. Check the original and add it again.";
    case "empty_file": return "The file is empty. Add a file with something in it.";
    case "empty_page": return "No page has any text. Check what is in it.";
    case "image_only": return "It holds pictures alone, which cannot be read as text. Add a PDF with text or a Word file (docx).";
    case "garbled": return "Its text is garbled and cannot be read. Add the Word file (docx) instead where there is one.";
    case "too_large": return "The document is too large to be read. Split it and add the parts.";
    case "bomb": return "It grows too large when it is unpacked, so reading was stopped. Split it and add the parts.";
    case "timeout": return "Reading took too long and was stopped. Split it and add the parts.";
    case "unsupported": {
      const name = Object.entries(savedAs).find(([key]) => error.detail.includes(key))?.[1];
      return `${name ? `Documents of ${name}` : "Documents of this kind"} cannot be read. Save it as Word (docx) or PDF and add it again.`;
    }
    case "personal_data": return stoppedWords(error.detail);
    case "unavailable": case "busy": return "Reading is not available now. Wait a moment and press “Read again”.";
    default: return "Reading failed on the way. Press “Read again”.";
  }
}

const noteWords: Record<string, string> = {
  empty_page: "There is no text.",
  image_only: "It is a picture and cannot be read as text.",
  ocr: "Its text was recognised in a picture (OCR).",
  ocr_low: "Its text was recognised in a picture (OCR), but not surely. Compare it with the original.",
  ocr_unread: "No text could be made out in the picture.",
  garbled: "Its text is garbled and cannot be read.",
  encrypted: "It is protected and cannot be read.",
  damaged: "It is damaged and cannot be read.",
  too_large: "It is too large to be read.",
  bomb: "It grows too large when unpacked, and was not read.",
  unsupported: "Some of it is of a kind that cannot be read.",
  hidden_text: "There was invisible text. Check what is in it.",
  unmapped_characters: "Some characters are private to an office, and their reading is unknown.",
  macros_ignored: "Macros are not read.",
  truncated: "It is long, and was read only so far.",
  comments_ignored: "Comments are not read.",
  changes_accepted: "Tracked changes were read as accepted.",
  hidden_sheets: "Hidden sheets are not read.",
  hidden_rows: "Hidden rows are not read.",
  hidden_columns: "Hidden columns are not read.",
  hidden_slides: "Hidden slides are not read.",
  inner_unread: "Some documents inside could not be read.",
};

/** What was read after all. */
const recognised = new Set(["ocr", "ocr_low"]);

/** Notes whose detail a person wants to know: names of sheets, and of attachments with the reason. */
const namedNotes = new Set(["hidden_sheets", "inner_unread"]);
function noteDetail(code: string, details: readonly string[]): string {
  if (!namedNotes.has(code)) return "";
  const names = details.map((detail) => detail.replace(/ \((\w+): .*\)$/, (_, why: string) => ` (${(noteWords[why] ?? "unreadable").replace(/\.$/, "")})`)).filter(Boolean);
  return names.length > 0 ? ` ${names.slice(0, few).join(comma)}${names.length > few ? " and more" : ""}` : "";
}

const few = 8;
function pagesWords(pages: readonly number[]): string {
  return pages.slice(0, few).map((page) => number.format(page)).join(comma) + (pages.length > few ? " and more" : "");
}

/** Notes put together by what they say. */
export function noteLines(notes: readonly DocumentNote[]): { title: string; text: string }[] {
  const kinds = new Map<string, DocumentNote[]>();
  for (const note of notes) kinds.set(note.code, [...(kinds.get(note.code) ?? []), note]);
  return [...kinds].map(([code, list]) => {
    const pages = [...new Set(list.map((note) => note.page))];
    const named = noteDetail(code, list.map((note) => note.detail));
    return {
      title: pages.includes(0) ? "The whole document" : `${pages.length === 1 ? "Page" : "Pages"} ${pagesWords(pages)}`,
      text: `${noteWords[code] ?? `Some of it could not be read (${code}).`}${named}`,
    };
  });
}

/** One sentence for the list. */
export function noteSummary(notes: readonly DocumentNote[], pages: number): string {
  const touched = [...new Set(notes.map((note) => note.page).filter((page) => page > 0))].sort((a, b) => a - b);
  const first = noteWords[notes[0]?.code ?? ""] ?? "Some of it could not be read.";
  if (touched.length === 0) return first;
  const share = pages > 0 ? ` of ${number.format(pages)}` : "";
  return `${counted(touched.length, "page")}${share} (${pagesWords(touched)}): ${first}${pages > touched.length && !recognised.has(notes[0]?.code ?? "") ? " The other pages can be used." : ""}`;
}
