/** Shelves, documents, and what could not be read of them. */
import type { Coded, DocumentNote } from "../../api/types";
import { pageNames } from "./common";
import { stoppedWords } from "./errors";
import { comma, number, size } from "./figures";

export const library = {
  shelves: {
    title: "書架", name: "書架", list: "書架の一覧", all: "すべての書架",
    lead: "文書は、書架に入れると質問の答えに使えます。格付と読める人は、書架ごとに決めます。ここには、あなたが読める書架だけが並びます。",
    make: "新しい書架", makeIt: "作る",
    empty: "読める書架がありません。作成者又は運用担当者に確かめてください。",
    emptyKeeper: "書架がありません。「新しい書架」を押して、最初の書架を作ってください。",
    nameOf: "書架の名前",
    nameHint: "読む人が見分けられる名前にしてください。",
    nameMissing: "書架の名前を入力してください。",
    nameTaken: "同じ名前の書架があります。別の名前にしてください。",
    readers: "読める人",
    readersHint: "選んだグループのどれかに入っている人が読めます。",
    relabel: "格付を変える", relabelIt: "変える", relabelled: "格付を変えました。",
    relabelNote: "理由と共に、監査の記録に残ります。格付を下げること、読める人を広げること、取扱制限を外すことは、運用担当者だけができます。前に作った回答の格付は変わりません。",
    relabelDenied: "この格付には変えられません。下げるときは、運用担当者に申し出てください。",
    reason: "変える理由", reasonHint: "後で確かめる人に分かるように書いてください。", reasonMissing: "理由を5文字以上で入力してください。",
    handling: "取扱制限", handlingHint: "この書架から作った回答にも付きます。付けたものは、格付が低くても、書き出しや共有ができなくなります。",
    readersMissing: "読める人を1つ以上選んでください。",
    noDocuments: "文書がありません",
    reading: (count: number) => `読み取り中 ${number.format(count)}件`,
    failed: (count: number) => `読めません ${number.format(count)}件`,
    askIt: "この書架に質問する",
    deleteIt: "書架を削除",
    deleteAsk: (name: string) => `書架「${name}」を削除しますか`,
    deleteText: (count: number) => `${number.format(count)}件の文書が消え、元に戻せません。この書架を出典にした回答は残りますが、出典は開けなくなります。`,
    deleted: "書架を削除しました。",
    gone: "この書架は開けません。削除されたか、読む権限がありません。",
  },
  documents: {
    list: "文書の一覧", filter: "状態で絞り込む",
    filters: { all: "すべて", ready: "使えます", reading: "読み取り中", care: "要対応" },
    pages: "ページ", added: "追加", add: "文書を追加",
    drop: (limit: string) => `ファイル又はフォルダーをここへ置いても、追加できます。PDF、Word、CSVなど、1件${limit}までです。`,
    skipped: (names: readonly string[]) => `文書ではない${number.format(names.length)}件は、加えません（${[...new Set(names)].slice(0, few).join(comma)}${new Set(names).size > few ? "ほか" : ""}）。`,
    unreadFiles: (names: readonly string[]) => `${number.format(names.length)}件は、この端末で開けませんでした（${names.slice(0, few).join(comma)}${names.length > few ? "ほか" : ""}）。もう一度置いてください。`,
    tooMany: (most: number) => `一度に加えられるのは${number.format(most)}件までです。残りは、分けて置いてください。`,
    nothingDropped: "中にファイルがありません。",
    toSend: "送る順番を待っています",
    sending: "送っています",
    sendingOf: (name: string) => `${name}の送信`,
    sent: (sent: number, all: number) => `${size(sent)} / ${size(all)}`,
    notSent: "送れませんでした",
    sendAgain: "もう一度送る",
    dismiss: "一覧から消す",
    arriving: "届いています",
    waiting: "順番待ち",
    reading: "読み取り中",
    readingPercent: (percent: number) => `読み取り中 ${percent}%`,
    readingOf: (name: string) => `${name}の読み取り`,
    ready: "使えます",
    partly: "一部読めません",
    unreadable: "読めません",
    retry: "もう一度読む",
    passwordOf: (name: string) => `「${name}」のパスワード`,
    passwordHint: "この1回の読み取りにだけ使い、保存しません。",
    openWithPassword: "パスワードで開く",
    deleteOf: (name: string) => `${name}を削除`,
    removed: (name: string) => `「${name}」を削除しました。7日間は元に戻せます。`,
    restored: (name: string) => `「${name}」を元に戻しました。`,
    versions: "版の履歴",
    replace: "差し替える",
    replaceHint: "新しい版を読み終えるまで、今の版を質問の答えに使います。",
    newVersion: "新しい版（読み終えると差し替わります）",
    currentVersion: "使用中の版",
    oldVersion: "古い版です。",
    oldVersionText: "新しい版に差し替えられました。質問の答えには使いません。",
    empty: "文書がありません。「文書を追加」を押すか、ファイルを上の枠に置いてください。",
    emptyReader: "文書がありません。",
    emptyFilter: "この状態の文書はありません。",
    gone: "この文書は開けません。削除されたか、読む権限がありません。",
    goneNext: "書架の管理者に確かめてください。",
    noPassages: "読める箇所がありません。",
    noPage: "本文",
    contents: "目次",
    backTo: (shelf: string) => (shelf ? `書架「${shelf}」へ戻る` : "書架へ戻る"),
    facts: "文書の情報",
    personal: "個人情報が見つかりました",
    personalText: (found: string, pages: string) => `${found}${pages ? `（${pages}）` : ""}。`,
    personalPages: (pages: readonly number[]) => pages.map((page) => `${page}ページ`).join(comma),
    personalRaise: (level: string, to: string) => `この書架の格付は「${level}」です。「${to}」以上の書架に移すことを勧めます。移したら、ここからは削除してください。`,
    personalKeep: "読める人が適切かを確かめてください。",
    gaps: "読み取りの注意",
    kind: "形式",
    kindWords: (kind: string, pages: number, bytes: number) => [kindNames[kind] ?? kind, pages > 0 ? pagesOf(kind, pages) : "", size(bytes)].filter(Boolean).join(comma),
  },
  search: {
    label: "文書の中を探す",
    title: "文書の検索",
    words: (words: string) => `「${words}」に近い箇所を、読める書架から探しました。`,
    results: "見つかった箇所",
    empty: "見つかりませんでした。言葉を変えて、探し直してください。",
  },
};

const kindNames: Record<string, string> = {
  pdf: "PDF", docx: "Word（docx）", doc: "Word（doc）", odt: "OpenDocument 文書", rtf: "リッチテキスト", text: "テキスト", markdown: "Markdown", aozora: "青空文庫の形式", html: "HTML",
  xlsx: "Excel（xlsx）", xls: "Excel（xls）", ods: "OpenDocument 表計算", csv: "CSV", tsv: "TSV",
  pptx: "PowerPoint（pptx）", ppt: "PowerPoint（ppt）", odp: "OpenDocument 発表資料",
  mail: "メール", msg: "メール（Outlook）", zip: "zip書庫", law: "法令XML", xml: "XML", json: "JSON", image: "画像",
};

function pagesOf(kind: string, pages: number): string {
  const name = pageNames[kind];
  return name ? `${name}${number.format(pages)}枚` : `${number.format(pages)}ページ`;
}

const savedAs: Record<string, string> = { ichitaro: "一太郎", docuworks: "DocuWorks", oasys: "OASYS" };

/** Why a document cannot be read, and what to do. */
export function documentErrorWords(error: Coded | null): string {
  switch (error?.code) {
    case "encrypted": return "パスワードで保護されています。PDFとzipは、パスワードを入れると読めます。ほかは、保護を外したファイルを追加してください。";
    case "damaged": case "corrupt": return "ファイルが壊れているため、開けません。元のファイルを確かめて、追加し直してください。";
    case "empty_file": return "ファイルが空です。内容のあるファイルを追加してください。";
    case "empty_page": return "文字のあるページがありません。内容を確かめてください。";
    case "image_only": return "画像だけの文書のため、文字として読めません。文字の入ったPDF又はWord（docx）を追加してください。";
    case "garbled": return "文字の情報が壊れているため、読めません。Word（docx）があれば、そちらを追加してください。";
    case "too_large": return "文書が大きすぎるため、読めません。分けて追加してください。";
    case "bomb": return "圧縮を解くと大きくなりすぎるため、読むのを止めました。分けて追加してください。";
    case "timeout": return "読み取りに時間がかかりすぎたため、止めました。分けて追加してください。";
    case "unsupported": {
      const name = Object.entries(savedAs).find(([key]) => error.detail.includes(key))?.[1];
      return name ? `${name}の文書は読み取れません。Word（docx）又はPDFで保存し、追加し直してください。` : "この種類の文書は読み取れません。Word（docx）又はPDFで保存し、追加し直してください。";
    }
    case "personal_data": return stoppedWords(error.detail);
    case "unavailable": case "busy": return "読み取りの仕組みが、今は動いていません。少し待って「もう一度読む」を押してください。";
    default: return "読み取りの途中で失敗しました。「もう一度読む」を押してください。";
  }
}

const noteWords: Record<string, string> = {
  empty_page: "文字がありません。",
  image_only: "画像のため、文字として読めません。",
  ocr: "画像から文字を読み取りました（OCR）。",
  ocr_low: "画像から文字を読み取りましたが（OCR）、確からしさが低いため、原本と照らしてください。",
  ocr_unread: "画像から文字を読み取れませんでした。",
  garbled: "文字の情報が壊れているため、読めません。",
  encrypted: "保護されているため、読めません。",
  damaged: "壊れているため、読めません。",
  too_large: "大きすぎるため、読めません。",
  bomb: "圧縮を解くと大きくなりすぎるため、読んでいません。",
  unsupported: "読み取れない種類の内容があります。",
  hidden_text: "見えない文字がありました。内容を確かめてください。",
  unmapped_characters: "外字があり、読みが分かりません。",
  macros_ignored: "マクロは読みません。",
  truncated: "長いため、途中までを読みました。",
  comments_ignored: "コメントは読みません。",
  changes_accepted: "変更履歴は、すべて反映したものとして読みました。",
  hidden_sheets: "非表示のシートは読みません。",
  hidden_rows: "非表示の行は読みません。",
  hidden_columns: "非表示の列は読みません。",
  hidden_slides: "非表示のスライドは読みません。",
  inner_unread: "中の文書に、読めないものがあります。",
};

/** What was read after all. */
const recognised = new Set(["ocr", "ocr_low"]);

/** Notes whose detail a person wants to know: names of sheets, and of attachments with the reason. */
const namedNotes = new Set(["hidden_sheets", "inner_unread"]);

function noteDetail(code: string, details: readonly string[]): string {
  if (!namedNotes.has(code)) return "";
  const names = details.map((detail) => detail.replace(/ \((\w+): .*\)$/, (_, why: string) => `（${(noteWords[why] ?? "読めません。").replace(/。$/, "")}）`)).filter(Boolean);
  return names.length > few ? `${names.slice(0, few).join(comma)}ほか` : names.join(comma);
}

const few = 8;

function pagesWords(pages: readonly number[]): string {
  const shown = pages.slice(0, few).map((page) => number.format(page)).join(comma);
  return pages.length > few ? `${shown}ほか` : shown;
}

/** Notes put together by what they say. */
export function noteLines(notes: readonly DocumentNote[]): { title: string; text: string }[] {
  const kinds = new Map<string, DocumentNote[]>();
  for (const note of notes) kinds.set(note.code, [...(kinds.get(note.code) ?? []), note]);
  return [...kinds].map(([code, list]) => {
    const pages = [...new Set(list.map((note) => note.page))];
    const named = noteDetail(code, list.map((note) => note.detail));
    return {
      title: pages.includes(0) ? "文書の全体" : `${pagesWords(pages)}ページ`,
      text: `${noteWords[code] ?? `読めない内容があります（${code}）。`}${named}`,
    };
  });
}

/** One sentence for the list. */
export function noteSummary(notes: readonly DocumentNote[], pages: number): string {
  const touched = [...new Set(notes.map((note) => note.page).filter((page) => page > 0))].sort((a, b) => a - b);
  const first = noteWords[notes[0]?.code ?? ""] ?? "読めない内容があります。";
  if (touched.length === 0) return first;
  const share = pages > 0 ? `${number.format(pages)}ページのうち` : "";
  return `${share}${number.format(touched.length)}ページ（${pagesWords(touched)}）：${first}${pages > touched.length && !recognised.has(notes[0]?.code ?? "") ? "ほかのページは使えます。" : ""}`;
}
