/** The rooms of those who run the server and of those who audit it. */
import { clock } from "../calendar";
import { counted, number } from "./figures";

/** What an Entry of the audit log tells, by its kind or by the first word of it. */
const auditKinds: Record<string, string> = {
  "release.answer": "Answer", "closed.answer": "End of an answer", "release.passages": "Search", "release.conversation": "Conversation shown", "release.history": "Earlier talk used",
  "release.ratings": "Ratings shown", "release.document": "Document shown", release: "Shown", closed: "End", "turn.rated": "Answer rated", "turn.rating_cleared": "Rating taken back",
  account: "Account", group: "Group", key: "API key", session: "Signing in", sign_in: "Signing in", shelf: "Shelf", document: "Document", conversation: "Conversation", "model.fetch": "Model to be fetched", "model.fetched": "End of a fetch", "model.verify": "Model to be verified", "model.verified": "End of a verification", "model.choose": "Model chosen", model: "Model", log: "Record", policy: "Policy", "policy.reloaded": "Policy read again",
  "content.asked": "Opening asked for", "content.approved": "Opening agreed to", "release.content": "Sealed words read", "content.erased": "Sealed words erased",
};

export const admin = {
  admin: { items: "Administration", pages: { health: "Health", load: "Load and storage", models: "Models", people: "People", groups: "Groups" } },
  health: {
    again: "Check again",
    lead: (all: number, wrong: number) => (wrong === 0 ? `All ${number.format(all)} checks are in order.` : `${number.format(wrong)} of ${number.format(all)} checks need attention.`),
    alsoBefore: "The same checks: ", alsoAfter: ".",
    wrong: "Needs attention", right: "In order", ok: "In order", bad: "Wrong",
    empty: "There are no results.",
    names: {
      "store.folder_rights": "Place of the data", "disk.room": "Room on the disk", "audit.chain": "Audit log", "model.engine": "Model",
      "seal.model": "Seal of the model", "seal.extract": "Seal of the document reader",
    } as Record<string, string>,
    good: {
      "store.folder_rights": "Only the server's own user can enter.", "audit.chain": "Whole from beginning to end.",
    } as Record<string, string>,
    sealed: (layers: number, probes: number) => `Sealed by ${counted(layers, "layer")}. All ${number.format(probes)} attempts to break out at the start were refused.`,
  },
  models: {
    list: "List of models",
    lead: "Only models whose hash is the registered one are used. A chosen model is used from the next start of the server on; running answers go on.",
    active: "In use", installed: "Ready", absent: "Not here yet",
    kinds: { answering: "Writes answers", embedding: "Searches by meaning" }, added: "added by this office",
    licence: "Licence", noLicence: "Not stated", size: "Size", empty: "There are no models.",
    fetch: "Fetch", verify: "Verify the hash", choose: "Use from the next start",
    chosenNow: (title: string) => `“${title}” is used from the next start on. Until then the present model stays.`,
    next: "Used from the next start on.", overruled: "Chosen, but the command line names another.", locked: "Named on the command line, and not changed here.",
    busy: "Another model is still being worked on, or the command line names the model. Open the page anew to see.",
    working: { fetch: (title: string) => `Fetching “${title}”`, verify: (title: string) => `Verifying the hash of “${title}”` },
    done: { fetch: (title: string) => `“${title}” is here, and its hash is right.`, verify: (title: string) => `The hash of “${title}” is the registered one.` },
    failed: { fetch: (title: string) => `“${title}” could not be fetched.`, verify: (title: string) => `“${title}” could not be verified.` },
    why: (act: "fetch" | "verify", code: string): string => {
      if (code === "corrupt") return "The hash is not the registered one: the file is damaged, or is another. Get it from its source and add it again.";
      if (act === "verify") return code === "cancelled" ? "The server was stopped meanwhile. Verify again." : "The file could not be read. Look at the disk on the health page and try again.";
      return "The server cannot reach the network outside, or the disk is full. What has arrived stays, and the next try goes on from there. Where there is no network, put the GGUF file on the server by other means and run: sekisho model add FILE";
    },
    addBefore: "A model that is not listed appears here after ", addAfter: " FILE on the server.",
  },
  people: {
    list: "List of people", name: "Person", roles: "Roles", clearance: "May read", groups: "Groups", upTo: "and below",
    make: "New person", makeIt: "Register",
    made: (name: string) => `${name} is registered.`,
    firstPassword: "First password",
    rolesMissing: "Choose at least one role.",
    nameTaken: "There is a person of this user name. Choose another.",
    empty: "There is nobody.",
    change: (name: string) => `Change the account of ${name}`, changeIt: "Change",
    changed: (name: string) => `The account of ${name} is changed.`,
    newPassword: "New password", newPasswordHint: "Only where it is to be changed. The person is signed out then.",
    ownAccount: "You cannot stop your own account or drop your own operator role. Ask another operator.",
    link: "Make a link to set a password",
    linkMade: (until: string) => `It can be used once, until ${until}. Give it to the person: it is shown only now. Earlier links no longer work.`,
    linkName: "Link to set a password",
    suspend: "Stop the account", resume: "Let it be used again", suspended: "stopped",
    stopped: (name: string) => `The account of ${name} is stopped.`, resumed: (name: string) => `${name} can use the account again.`,
  },
  audit: {
    title: "Audit log", lead: "Who handled what of which label, and when. The words of questions and answers are not in it; they are sealed.",
    list: "Entries", filter: "Filter", apply: "Apply", reset: "Clear", newer: "Newer", older: "Older",
    day: "Day", dayHint: "Like 2026-07-15.", dayWrong: "Enter the day like 2026-07-15.",
    who: "Person", whoHint: "Part of a user name", kind: "Action", kindHint: "How the kind begins, like release",
    outcome: "Outcome", outcomes: { "": "All", allowed: "Allowed", denied: "Denied", done: "Done", failed: "Failed" },
    heads: { number: "No.", time: "Time", who: "Person", kind: "Action", level: "Label", outcome: "Outcome" },
    nobody: "(the system)",
    empty: "No entry is like this. Change the filter.",
    verify: "Verify now", verifying: "Verifying",
    whole: "Nothing is missing or rewritten.",
    wholeText: (entries: number, checkpoints: number, covered: number | null) => `${counted(entries, "entry", "entries")} verified from the first to the last. `
      + (covered === null ? "There is no signed checkpoint yet." : `They agree with ${counted(checkpoints, "signed checkpoint")} up to entry ${number.format(covered)}.`),
    broken: (sequence: number, file: string) => file.startsWith("checkpoints") ? "The log does not agree with its signed checkpoints." : `The log is broken from entry ${number.format(sequence)} on.`,
    brokenText: (file: string, line: number) => `At line ${number.format(line)} of ${file}. It was rewritten or is damaged. Compare it with the checkpoints kept elsewhere.`,
    take: "Save these entries", forms: { csv: "CSV", "csv-cp932": "CSV (Shift_JIS)", jsonl: "JSON Lines" },
    kindOf: (kind: string) => auditKinds[kind] ?? auditKinds[kind.split(".")[0] ?? ""] ?? kind,
  },
  openings: {
    title: "Opening of sealed words", lead: "The words of questions and answers are sealed. An auditor asks with a reason; when another person agrees, the one who asked reads for 24 hours. Each step is recorded.",
    ask: "Ask to open", reason: "Reason for opening", reasonHint: "It is recorded, and the person who agrees reads it.", reasonMissing: "Enter a reason of four characters or more.",
    asked: "Recorded. Another person must agree now.", approved: "You agreed to the opening.",
    approve: "Agree", read: "Read the words", close: "Close",
    waiting: "Waiting", agreed: "Agreed", over: "Over",
    of: (sequence: number, who: string) => `Entry ${number.format(sequence)} (asked for by ${who})`,
    by: (who: string) => `${who} agreed.`, until: (time: string) => `It ends at ${time}.`,
    question: "Question", answer: "Answer", source: (place: number, name: string) => `Source ${number.format(place)} ${name}`,
  },
  use: {
    again: "Look again",
    day: "The last 24 hours", storage: "Storage", ratings: "Ratings of answers", ratingsNote: "Neither the questions and answers nor the names of those who rated come here.",
    noRatings: "There are no ratings yet.", noPapers: "No documents", none: "None",
    waiting: "Waiting", running: (count: number) => `people (${number.format(count)} being answered)`,
    answers: "Answers", failed: (count: number) => `(${number.format(count)} failed)`,
    first: "Until the first words", secondsUnit: "s", tokens: "Speed", tokensUnit: "tokens/s",
    plot: (name: string, ms: number, top: number) => `${name} over 24 hours. The highest is ${number.format(Math.round(top * 10) / 10)}, at about ${clock(ms)}.`,
    stores: { blobs: "Files of documents", database: "Database", audit: "Audit log", backup: "Copies before migrations", free: "Free on the disk" },
    heads: { time: "Time", rating: "Rating", why: "What to correct", checks: "Checked", model: "Model", level: "Label" },
  },
  groups: {
    lead: "Sections and teams. They decide who reads a shelf and where a person belongs.",
    name: "Name of the group", add: "Add", missing: "Enter a name for the group.", taken: "There is a group of this name.",
    added: (name: string) => `The group “${name}” is added.`, empty: "There are no groups. Enter the name of a section above.",
  },
};
