import { afterEach, describe, expect, test } from "vitest";
import { chooseLanguage, documentErrorWords, errorWords, language, noteLines, noteSummary, noticeWords, pattern, personalWords, t } from ".";
import * as en from "./en";
import * as ja from "./ja";

const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.{ts,tsx}"], { query: "?raw", import: "default", eager: true });
const texts = import.meta.glob<string>(["./**/*.ts", "!./**/*.test.ts"], { query: "?raw", import: "default", eager: true });
const files = Object.keys(sources).map((name) => name.replace("../", "")).filter((name) => !name.startsWith("./"));
const source = (name: string): string => sources[`../${name}`] ?? "";
const withoutComments = (code: string): string => code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");

describe("The words of the page", () => {
  test("stand in text/ and nowhere else, whatever the language", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((name) => /[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/.test(withoutComments(source(name))))).toEqual([]);
    // English between tags, or said to a screen reader: a name of the product or of a command is none.
    const loose = /(?:<(?:[a-z][^<>{}=]*|[a-z]\w*(?: [\w-]+=(?:"[^"]*"|\{[^{}]*\}))*)>)([^<>{}]*[A-Za-z][^<>{}]*)<\/|(?:aria-label|title|placeholder|alt)="([^"]+)"/g;
    const found = files.filter((name) => name.endsWith(".tsx")).flatMap((name) => [...withoutComments(source(name)).matchAll(loose)].map((one) => (one[1] ?? one[2] ?? "").trim()));
    expect(found.filter((words) => words !== "Sekisho" && !words.startsWith("sekisho "))).toEqual([]);
  });
  test("say 利用者, 書架 and 文書, as officials do", () => {
    for (const [name, code] of Object.entries(texts).filter(([name]) => name.includes("/ja/"))) expect(withoutComments(code), name).not.toMatch(/ユーザー|アップロード|エラー|プロンプト|格付け/);
  });
});

/** Every text under `value` with its name; functions are called with figures and names. */
function said(value: unknown, name: string): [string, string][] {
  if (typeof value === "string") return [[name, value]];
  if (typeof value === "object" && value !== null) return Object.entries(value).flatMap(([key, inner]) => said(inner, `${name}.${key}`));
  return [];
}
function shape(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}

describe("English", () => {
  afterEach(() => chooseLanguage("ja"));
  test("has a word for every word of Japanese, and no more", () => {
    expect(shape(en)).toEqual(shape(ja));
    for (const [name, words] of said(en.t, "t")) if (words.trim() === "") expect(name, "an empty word").toBe("");
  });
  test("holds no kana and no kanji", () => {
    for (const [name, code] of Object.entries(texts).filter(([name]) => name.includes("/en/"))) expect(withoutComments(code), name).not.toMatch(/[\u3040-\u30ff\u3400-\u9fff]/);
  });
  test("is what the page speaks once it is chosen, and is kept on the device", async () => {
    expect(t.nav.shelves).toBe("書架");
    await chooseLanguage("en");
    expect([language.value, document.documentElement.lang, localStorage.getItem("sekisho.language")]).toEqual(["en", "en", "en"]);
    expect(t.nav.shelves).toBe("Shelves");
    expect(errorWords({ code: "denied", detail: "" })).toBe("This cannot be opened. It was deleted, or you may not use it.");
    await chooseLanguage("ja");
    expect([t.nav.shelves, document.documentElement.lang]).toEqual(["書架", "ja"]);
  });
  test("tells what the server names in Japanese", async () => {
    await chooseLanguage("en");
    expect(personalWords({ 個人番号: 2, 電話番号: 1 })).toBe("Individual Number (2), phone number (1)");
    expect(noticeWords({ code: "personal_answer", kinds: "個人番号、氏名", count: 3, action: "mask" })).toBe("The answer held Individual Number, name (3): replaced by the name of the kind in brackets.");
    expect(errorWords({ code: "denied", detail: 'personal_data: {"口座番号":1}' })).toMatch(/^Not accepted, because it holds account number \(1\)\./);
  });
  test("counts one thing and several", async () => {
    await chooseLanguage("en");
    expect([t.sources.count(1), t.sources.count(1200)]).toEqual(["1 passage", "1,200 passages"]);
    expect(noteSummary([{ page: 3, code: "image_only", detail: "" }], 28)).toBe("1 page of 28 (3): It is a picture and cannot be read as text. The other pages can be used.");
    expect(t.documents.kindWords("xlsx", 3, 2048)).toBe("Excel (xlsx), 3 sheets, 2 KB");
    expect(t.eraTime(new Date(2025, 6, 15, 10, 42).getTime())).toBe("15 July 2025, 10:42");
  });
});

describe("The source", () => {
  test("never makes HTML of a string", () => {
    for (const name of files) expect(source(name), name).not.toMatch(/dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
  });
  test("has one text input, and every field is made of it", () => {
    for (const name of files.filter((one) => one !== "ui/text_input.tsx")) {
      for (const tag of source(name).match(/<(?:input|textarea)\b[^]*?>/g) ?? []) expect(tag, name).toMatch(/type="(?:radio|checkbox|file)"/);
    }
  });
});

describe("Japanese for people", () => {
  const morning = new Date(2025, 6, 15, 10, 42).getTime();
  test("writes dates in eras, and days in lists", () => {
    expect(t.eraTime(morning)).toBe("令和7年7月15日 10:42");
    expect(t.eraTime(new Date(2019, 4, 1, 9, 5).getTime())).toBe("令和元年5月1日 9:05");
    expect(t.dayHead(morning, morning)).toBe("今日");
    expect(t.dayHead(new Date(2025, 6, 14, 23, 59).getTime(), morning)).toBe("昨日");
    expect(t.dayHead(new Date(2025, 6, 11).getTime(), morning)).toBe("7月11日（金）");
    expect(t.when(new Date(2024, 3, 3).getTime(), morning)).toBe("令和6年4月3日");
  });
  test("has words for every code of the server, and for one that it does not know", () => {
    for (const code of ["invalid", "too_large", "unauthorized", "denied", "conflict", "rate_limited", "busy", "unavailable", "cancelled", "timeout", "unsupported", "corrupt", "internal", "offline", "new_code"]) {
      expect(errorWords({ code, detail: "" })).toMatch(/。$/);
    }
    for (const code of ["encrypted", "damaged", "empty_file", "image_only", "garbled", "too_large", "bomb", "new_code"]) expect(documentErrorWords({ code, detail: "" })).toMatch(/。$/);
  });
  test("names the program whose file it cannot read", () => {
    expect(documentErrorWords({ code: "unsupported", detail: "ichitaro" })).toBe("一太郎の文書は読み取れません。Word（docx）又はPDFで保存し、追加し直してください。");
  });
  test("says page by page what could not be read", () => {
    const notes = [{ page: 11, code: "image_only", detail: "" }, { page: 12, code: "image_only", detail: "" }, { page: 0, code: "macros_ignored", detail: "" }];
    expect(noteSummary(notes, 28)).toBe("28ページのうち2ページ（11、12）：画像のため、文字として読めません。ほかのページは使えます。");
    expect(noteLines(notes)).toEqual([{ title: "11、12ページ", text: "画像のため、文字として読めません。" }, { title: "文書の全体", text: "マクロは読みません。" }]);
  });
  test("names hidden sheets and attachments that could not be read", () => {
    const notes = [{ page: 0, code: "hidden_sheets", detail: "控え、計算用" }, { page: 2, code: "inner_unread", detail: "図面.xdw (unsupported: docuworks)" }, { page: 2, code: "inner_unread", detail: "鍵.pdf (encrypted: it needs a password)" }];
    expect(noteLines(notes)).toEqual([
      { title: "文書の全体", text: "非表示のシートは読みません。控え、計算用" },
      { title: "2ページ", text: "中の文書に、読めないものがあります。図面.xdw（読み取れない種類の内容があります）、鍵.pdf（保護されているため、読めません）" },
    ]);
  });
  test("says sheets and slides where there are no pages", () => {
    expect(t.documents.kindWords("xlsx", 3, 2048)).toBe("Excel（xlsx）、シート3枚、2 KB");
    expect(t.documents.kindWords("pdf", 3, 2048)).toBe("PDF、3ページ、2 KB");
    expect(t.pageOf(2, 5, "pptx")).toBe("2 / 5スライド");
    expect(t.sourceLine(1, "予算.xlsx", "シート「歳出」 > 一般会計", 3)).toBe("出典1：予算.xlsx　シート「歳出」 > 一般会計");
    expect(t.sourceLine(2, "規則.pdf", "第2章 旅費", 3)).toBe("出典2：規則.pdf　第2章 旅費　3ページ");
  });
  test("knows how statutes begin", () => {
    for (const line of ["第7条　事業を", "第二十三条 この", "２　前項の", "(12)　夏季に", "（１） 次の"]) expect(line).toMatch(pattern.article);
    for (const line of ["第7回会議の", "2,400円", "12人が参加した。", "（注）次の表"]) expect(line).not.toMatch(pattern.article);
    expect("（利用の申請）").toMatch(pattern.articleTitle);
  });
});
