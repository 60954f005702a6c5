/** What went wrong, by the server's code, and what it remarked. */
import type { ApiError } from "../../api/client";
import type { Coded } from "../../api/types";
import { comma, number } from "./figures";

export const errors = {
  invalid: "入力した内容を受け取れませんでした。内容を確かめて、もう一度試してください。",
  too_large: "大きすぎるため、受け取れません。小さく分けてください。",
  unauthorized: "ログインが必要です。もう一度ログインしてください。",
  denied: "開けません。削除されたか、扱う権限がありません。",
  conflict: "ほかの操作と重なりました。画面を開き直して、もう一度試してください。",
  rate_limited: "短い間に操作が続いたため、受け付けていません。少し待って、もう一度試してください。",
  busy: "混み合っています。少し待って、もう一度試してください。",
  unavailable: "必要な仕組みが、今は動いていません。少し待って、もう一度試してください。",
  cancelled: "停止しました。",
  timeout: "時間がかかりすぎたため、止めました。もう一度試してください。",
  unsupported: "この種類は扱えません。",
  corrupt: "受け取った内容が壊れていました。もう一度試してください。",
  internal: "内部の処理に失敗しました。もう一度試してください。",
  offline: "サーバーにつながりません。",
};

/** 「個人番号3件、電話番号1件」 */
export function personalWords(found: Readonly<Record<string, number>>): string {
  return Object.entries(found).map(([kind, count]) => `${kind}${number.format(count)}件`).join(comma);
}

/** "personal_data: {…}": what the rules about personal data stopped. */
export function stoppedWords(detail: string): string {
  let found: Record<string, number> = {};
  try { found = JSON.parse(detail.slice(detail.indexOf("{"))) as Record<string, number>; } catch { /* The kinds are not told; the rest holds. */ }
  return `${personalWords(found) || "個人情報"}が含まれるため、受け付けませんでした。その部分を消すか「（番号）」などに置き換えて、もう一度試してください。`;
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
    const figures = needs && holds ? `（${number.format(needs)}語片のうち${number.format(holds)}語片まで）` : "";
    return `質問と資料が長いため、モデルが一度に読めません${figures}。文章を分けて、質問してください。`;
  }
  if (error.code === "unavailable") return "モデルの処理が中断したためで、入力した内容に誤りはありません。";
  if (error.code === "cancelled") return "サーバーが再起動したためで、入力した内容に誤りはありません。";
  return errorWords(error);
}

/** What to do when it goes on; the number by which the operator finds it in the log. */
export function errorNext(error: Coded | ApiError): string | undefined {
  const wait = "retryAfterSeconds" in error && error.retryAfterSeconds !== null ? `${number.format(error.retryAfterSeconds)}秒後に試せます。` : "";
  const trace = "traceId" in error && error.traceId !== "" ? `続けて起きるときは、運用担当者に番号 ${error.traceId} を伝えてください。` : "";
  return wait + trace || undefined;
}

/** A remark of the server about a turn: what was left out, with its numbers. */
export function noticeWords(notice: { code: string } & Record<string, string | number>): string {
  const figure = (name: string): string => number.format(Number(notice[name] ?? 0));
  switch (notice.code) {
    case "passages_left_out": return `資料が長いため、一度に読めません。${figure("found")}か所のうち${figure("read")}か所を読みました。`;
    case "history_left_out": return `会話が長くなったため、前の${figure("turns")}件のやり取りは、今回の回答に使っていません。`;
    case "personal_question": return personalQuestion(notice);
    case "personal_answer": return personalAnswer(notice);
    case "passage_cut": return `資料が長いため、${figure("total_tokens")}語片のうち${figure("read_tokens")}語片までを読みました。`;
    case "length": return "回答が長さの上限に達したため、途中で終わっています。";
    default: {
      const figures = Object.entries(notice).filter(([key]) => key !== "code").map(([key, value]) => `${key} ${value}`).join(comma);
      return `サーバーからの知らせ：${notice.code}${figures ? `（${figures}）` : ""}`;
    }
  }
}

function personalQuestion(notice: Record<string, string | number>): string {
  const what = `質問に${notice["kinds"]}（${number.format(Number(notice["count"]))}件）が含まれています。`;
  const raised = notice["raised_to"] ? `この会話の格付を「${notice["raised_to"]}」に上げました。` : "";
  if (notice["action"] === "mask") return `${what}モデルには「人物A」などに置き換えて渡し、回答で元に戻しています。${raised}`;
  return `${what}${raised}要らないものであれば、除いてから質問し直してください。`;
}

function personalAnswer(notice: Record<string, string | number>): string {
  const what = `${notice["kinds"]}（${number.format(Number(notice["count"]))}件）が含まれて`;
  switch (notice["action"]) {
    case "block": return `回答に${what}いるため、表示を止めました。番号を尋ねない言い方で質問し直すか、文書そのものを確かめてください。`;
    case "mask": return `回答に${what}いたため、〔 〕の中の種類の名前に置き換えました。`;
    default: return `回答に${what}います。見せる相手と、保存する場所に注意してください。`;
  }
}
