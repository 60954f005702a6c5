/** What went wrong, by the server's code, and what it remarked. */
import type { ApiError } from "../../api/client";
import type { Coded } from "../../api/types";
import { personalKinds } from "../patterns";
import { comma, counted, number } from "./figures";

export const errors = {
  invalid: "What you entered was not accepted. Check it and try again.",
  too_large: "This is too large to be accepted. Split it.",
  unauthorized: "You need to sign in. Sign in again.",
  denied: "This cannot be opened. It was deleted, or you may not use it.",
  conflict: "Something else was done at the same time. Open the page anew and try again.",
  rate_limited: "Too much was asked in a short time. Wait a moment and try again.",
  busy: "The server is busy. Wait a moment and try again.",
  unavailable: "A part that is needed is not running now. Wait a moment and try again.",
  cancelled: "Stopped.",
  timeout: "It took too long and was stopped. Try again.",
  unsupported: "This kind cannot be handled.",
  corrupt: "What arrived was damaged. Try again.",
  internal: "The server failed inside. Try again.",
  offline: "The server cannot be reached.",
};

/** "Individual Number (3), phone number (1)". The server names the kinds in Japanese, as the office's rules do. */
export function personalWords(found: Readonly<Record<string, number>>): string {
  return Object.entries(found).map(([kind, count]) => `${personalKinds[kind] ?? kind} (${number.format(count)})`).join(comma);
}

/** "personal_data: {…}": what the rules about personal data stopped. */
export function stoppedWords(detail: string): string {
  let found: Record<string, number> = {};
  try { found = JSON.parse(detail.slice(detail.indexOf("{"))) as Record<string, number>; } catch { /* The kinds are not told; the rest holds. */ }
  return `Not accepted, because it holds ${personalWords(found) || "personal data"}. Take it out or write something like “(number)” in its place, and try again.`;
}

/** What went wrong, by its code. */
export function errorWords(error: Coded | ApiError): string {
  if (error.detail.startsWith("personal_data: ")) return stoppedWords(error.detail);
  return (errors as Record<string, string>)[error.code] ?? errors.internal;
}

/** Why an answer was not finished. */
export function turnErrorWords(error: Coded): string {
  if (error.code === "too_large") {
    const [needs, holds] = (error.detail.match(/\d+/g) ?? []).map(Number);
    const figures = needs && holds ? ` (${number.format(needs)} tokens, of which ${number.format(holds)} fit)` : "";
    return `The question and the documents are too long for the model to read at once${figures}. Ask in parts.`;
  }
  if (error.code === "unavailable") return "The model was interrupted. Nothing is wrong with what you entered.";
  if (error.code === "cancelled") return "The server was restarted. Nothing is wrong with what you entered.";
  return errorWords(error);
}

/** What to do when it goes on; the number by which the operator finds it in the log. */
export function errorNext(error: Coded | ApiError): string | undefined {
  const wait = "retryAfterSeconds" in error && error.retryAfterSeconds !== null ? `You can try in ${counted(error.retryAfterSeconds, "second")}. ` : "";
  const trace = "traceId" in error && error.traceId !== "" ? `If it happens again, give the operator the number ${error.traceId}.` : "";
  return (wait + trace).trim() || undefined;
}

/** A remark of the server about a turn: what was left out, with its numbers. */
export function noticeWords(notice: { code: string } & Record<string, string | number>): string {
  const figure = (name: string): string => number.format(Number(notice[name] ?? 0));
  switch (notice.code) {
    case "passages_left_out": return `The documents are too long to be read at once: ${figure("read")} of ${figure("found")} passages were read.`;
    case "history_left_out": return `The conversation is long: the first ${figure("turns")} exchanges were not used for this answer.`;
    case "personal_question": return personalQuestion(notice);
    case "personal_answer": return personalAnswer(notice);
    case "passage_cut": return `The document is long: ${figure("read_tokens")} of ${figure("total_tokens")} tokens were read.`;
    case "length": return "The answer reached its length limit and stops here.";
    default: {
      const figures = Object.entries(notice).filter(([key]) => key !== "code").map(([key, value]) => `${key} ${value}`).join(comma);
      return `The server remarks: ${notice.code}${figures ? ` (${figures})` : ""}`;
    }
  }
}

function found(notice: Record<string, string | number>): string {
  const kinds = String(notice["kinds"]).split("\u3001").map((kind) => personalKinds[kind] ?? kind).join(comma);
  return `${kinds} (${number.format(Number(notice["count"]))})`;
}

function personalQuestion(notice: Record<string, string | number>): string {
  const raised = notice["raised_to"] ? ` The label of this conversation was raised to “${notice["raised_to"]}”.` : "";
  if (notice["action"] === "mask") return `Your question holds ${found(notice)}. The model gets stand-ins, which are put back in the answer.${raised}`;
  return `Your question holds ${found(notice)}.${raised} If it is not needed, ask again without it.`;
}

function personalAnswer(notice: Record<string, string | number>): string {
  switch (notice["action"]) {
    case "block": return `The answer was not shown, because it holds ${found(notice)}. Ask without asking for numbers, or look into the document itself.`;
    case "mask": return `The answer held ${found(notice)}: replaced by the name of the kind in brackets.`;
    default: return `The answer holds ${found(notice)}. Mind to whom you show it and where you keep it.`;
  }
}
