import { describe, expect, test } from "vitest";
import { personalOf } from "./chat/export_dialog";
import { documentErrorWords, errorWords, noticeWords, personalWords } from "./text";

describe("what was found of people", () => {
  test("is told by kind and count", () => {
    expect(personalWords({ 個人番号: 1200, 電話番号: 1 })).toBe("個人番号1,200件、電話番号1件");
  });
  test("stops a question or a file with what to do", () => {
    const stopped = { code: "invalid", detail: 'personal_data: {"個人番号":2}' };
    expect(errorWords(stopped)).toBe("個人番号2件が含まれるため、受け付けませんでした。その部分を消すか「（番号）」などに置き換えて、もう一度試してください。");
    expect(documentErrorWords({ code: "personal_data", detail: stopped.detail })).toContain("個人番号2件");
    expect(errorWords({ code: "invalid", detail: "personal_data: half of a {" })).toContain("個人情報が含まれる");
  });
  test("is told beside a question and an answer, with what was done", () => {
    const notice = { kinds: "個人番号", count: 1 };
    expect(noticeWords({ ...notice, code: "personal_question", action: "warn", raised_to: "機密性2" })).toBe("質問に個人番号（1件）が含まれています。この会話の格付を「機密性2」に上げました。要らないものであれば、除いてから質問し直してください。");
    expect(noticeWords({ ...notice, code: "personal_question", action: "mask" })).toContain("「人物A」");
    expect(noticeWords({ ...notice, code: "personal_answer", action: "mask" })).toContain("置き換えました。");
    expect(noticeWords({ ...notice, code: "personal_answer", action: "block" })).toContain("表示を止めました。");
    expect(noticeWords({ ...notice, code: "personal_answer", action: "warn" })).toContain("注意してください。");
  });
  test("comes with an exported file, and a broken header says nothing", () => {
    expect(personalOf(`warn ${encodeURIComponent('{"住所":3}')}`)).toEqual({ action: "warn", found: "住所3件" });
    for (const header of ["", "warn", "warn %7B", "warn %"]) expect(personalOf(header)).toBeNull();
  });
});
