/** Words that every room of the page uses. */
import type { Role } from "../../api/types";
import { clock } from "../calendar";
import { hasLabel } from "../patterns";
import { comma, dayHead, eraDate, gap, number, size, when } from "./figures";

const roles: Record<Role, string> = { official: "職員", author: "作成者", operator: "運用", auditor: "監査" };

/** What a page of these is called. */
export const pageNames: Record<string, string> = { xlsx: "シート", xls: "シート", ods: "シート", pptx: "スライド", ppt: "スライド", odp: "スライド" };
/** Nothing where the path names a sheet, slide or attachment: they have no printed pages. */
const pageNumber = (page: number, path: string): string => (page > 0 && !hasLabel(path) ? `${number.format(page)}ページ` : "");

export const common = {
  loading: "読み込んでいます。",
  tryAgain: "もう一度試す",
  cancel: "やめる",
  close: "閉じる",
  save: "保存する",
  delete: "削除",
  deleteIt: "削除する",
  more: "続きを表示",
  need: "必須",
  copy: "コピー",
  copied: "コピーしました。",
  notCopied: "コピーできませんでした。文字を選んで、コピーしてください。",
  copyTable: "表をコピー",
  saveTable: "CSVで保存",
  tableFile: "表.csv",
  ruby: { open: "（", close: "）" },
  table: "表",
  acts: "操作",
  level: "格付",
  state: "状態",
  document: "文書",
  passage: "箇所",
  source: "出典",
  question: "質問",
  answer: "回答",
  newQuestion: "新しい質問",
  editQuestion: "直して聞き直す",
  editNote: "前の質問と回答も残ります。",
  rewrite: "書き直す",
  copyMarkdown: "Markdownでコピー",
  goOn: "続きから再開する",
  cutOff: "回答が長さの上限に達したため、途中で終わっています。",
  earlier: (count: number) => `前のやり取り${number.format(count)}件を表示`,
  inspect: "文ごとに点検",
  skip: "本文へ移動",
  menu: "メニュー",
  signIn: "ログイン",
  signOut: "ログアウト",
  settingsOf: "さんの設定",
  settingsWith: (name: string) => `設定（${name}）`,
  comma, gap,
  colon: "：",
  ellipsis: "…",
  orMore: "以上",
  of: (name: string) => `（${name}）`,
  hostOf: (host: string) => `（${host}）`,
  join: (words: readonly string[]) => words.join(comma),
  count: (count: number) => number.format(count),
  seconds: (ms: number) => number.format(Math.round(ms / 100) / 10),
  items: (count: number) => `${number.format(count)}件`,
  pageNumber,
  ocr: (confidence: number) => `読み取り（OCR）　確からしさ${confidence}%`,
  ocrLow: (confidence: number) => `読み取り（OCR）　確からしさが低い（${confidence}%）ため、原本と照らしてください`,
  pageOf: (page: number, pages: number, kind: string) => `${number.format(page)}${pages > 0 ? ` / ${number.format(pages)}` : ""}${pageNames[kind] ?? "ページ"}`,
  /** Lists that must all admit the reader: 「福祉課又は総務課」 within one, 「かつ」 between them. */
  readers: (lists: readonly (readonly string[])[]) => lists.map((list) => list.join(comma)).join(" かつ ") || "全職員",
  time: clock,
  dayHead, when, size,
  eraTime: (ms: number) => `${eraDate(ms)} ${clock(ms)}`,
  retrySoon: (seconds: number) => `書きかけの質問は、この画面に残っています。${number.format(seconds)}秒後につなぎ直します。`,
  sourceLine: (no: number, name: string, path: string, page: number) => `出典${no}：${[name, path, pageNumber(page, path)].filter(Boolean).join(gap)}`,

  nav: { all: "全体", ask: "質問", shelves: "書架", admin: "管理", audit: "監査" },
  signs: { question: "問", answer: "答" },
  checks: { ok: "裏付けあり", needed: "要確認", none: "出典なし" },
  branch: { label: "質問と回答の枝", before: "前の枝", after: "次の枝" },
  undo: "元に戻す",
  nothingHere: { title: "開けません", text: "ページがないか、見る権限がありません。", back: "はじめの画面へ戻る" },
  roles,
  roleHints: {
    official: "質問し、読める書架の文書を使います。",
    author: "書架を作り、文書をそろえます。",
    operator: "利用者、モデル及び状態を管理します。",
    auditor: "記録を確かめます。ほかの役割とは分けてください。",
  } satisfies Record<Role, string>,
};
