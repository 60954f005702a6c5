import { describe, expect, test } from "vitest";
import { fileNameOf, missingCharacters } from "./export_dialog";
import { csvOf, markdownOf, tableOf } from "./table_paste";

describe("A pasted table", () => {
  test("is rows and cells between tabs", () => {
    expect(tableOf("区分\t金額\r\n3歳未満\t2,400\r\n")).toEqual([["区分", "金額"], ["3歳未満", "2,400"]]);
  });
  test("keeps line ends and quotes inside a cell", () => {
    expect(tableOf('a\t"一行目\n""二""行目"\nb\tc')).toEqual([["a", '一行目\n"二"行目'], ["b", "c"]]);
  });
  test("is not made of prose, of one line or of one column", () => {
    for (const text of ["ただの文章です。\n次の行です。", "一つ\t二つ", "一つ\n二つ", "見出し\n一つ\t二つ", 'a\t"閉じない\nb\tc']) expect(tableOf(text)).toBeNull();
  });
  test("becomes a table of Markdown that a bar or a line end does not break", () => {
    expect(markdownOf([["区分", "a|b"], ["二\n行", "2,400"]])).toBe("| 区分 | a\\|b |\n| --- | --- |\n| 二 行 | 2,400 |\n");
  });
  test("becomes CSV that a comma does not break", () => {
    expect(csvOf([["区分", "金額"], ["a\"b", "2,400"]])).toBe('\ufeff区分,金額\r\n"a""b","2,400"\r\n');
  });
});

describe("What an export says of itself", () => {
  test("is a name, and the characters that it could not hold", () => {
    expect(fileNameOf("attachment; filename=\"sekisho.docx\"; filename*=UTF-8''%E6%96%99.docx")).toBe("料.docx");
    expect(fileNameOf("attachment")).toBe("sekisho");
    expect(missingCharacters("U+20BB7 x2, U+1F600 x1")).toEqual([{ character: "𠮷", count: 2 }, { character: "😀", count: 1 }]);
    expect(missingCharacters("")).toEqual([]);
  });
});
