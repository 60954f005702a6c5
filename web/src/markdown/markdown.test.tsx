import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import type { Claim } from "../api/types";
import { parseMarkdown } from "./parse";
import { plainText } from "./plain";
import { Markdown, safeLink, tableText, type ClaimActions } from "./render";

const host = document.createElement("div");
document.body.append(host);
const actions: ClaimActions = { selected: -1, openSource: null, choose: () => undefined, follow: () => undefined };
function draw(text: string, claims: Claim[] = [], more: Partial<ClaimActions> = {}): HTMLElement {
  act(() => render(<Markdown text={text} claims={claims} actions={{ ...actions, ...more }} />, host));
  return host;
}
function claim(text: string, sentence: string, check: Claim["check"] = "ok", sources = [1]): Claim {
  const start = text.indexOf(sentence);
  return { start, end: start + sentence.length, check, sources, matched: [], missing: [] };
}
afterEach(() => act(() => render(null, host)));

describe("Markdown of a model", () => {
  test("is bold between Japanese characters and brackets without spaces", () => {
    expect(draw("これは**「重要」**です。").querySelector("strong")?.textContent).toBe("「重要」");
    expect(draw("令和7年度は**一般会計**、特別会計の順です。").querySelector("strong")?.textContent).toBe("一般会計");
  });
  test("keeps a line break as a line break", () => {
    expect(draw("一行目\n二行目").querySelectorAll("br")).toHaveLength(1);
  });
  test("becomes a table whose figures stand to the right", () => {
    const node = draw("| 年齢 | 1日 |\n| --- | ---: |\n| 3歳未満 | 2,400円 |\n");
    expect(node.querySelectorAll("table.answer-table tbody tr")).toHaveLength(1);
    expect(node.querySelector("td.is-num")?.textContent).toBe("2,400円");
  });
  test("never makes an element of HTML that it contains", () => {
    const node = draw("<img src=x onerror=alert(1)><script>alert(1)</script>\n\n<iframe src='https://example.jp'></iframe>");
    expect(node.querySelector("img, script, iframe")).toBeNull();
    expect(node.textContent).toContain("<script>");
  });
  test("never loads an image, and shows its words", () => {
    const node = draw("![秘密の図](https://evil.example/?q=himitsu)");
    expect(node.querySelector("img, [src], [href]")).toBeNull();
    expect(node.textContent).toBe("秘密の図");
  });
  test("offers a link only for http, with its host, and does not follow it", () => {
    let asked = "";
    const node = draw("[案内](https://www.town.example.jp/a) [悪](javascript:alert(1)) [表](data:text/html,x)", [], { follow: (href) => { asked = href; } });
    expect(node.querySelectorAll("a, [href]")).toHaveLength(0);
    expect(node.querySelectorAll("button.out")).toHaveLength(1);
    expect(node.querySelector("button.out")?.textContent).toBe("案内（www.town.example.jp）");
    node.querySelector<HTMLElement>("button.out")?.click();
    expect(asked).toBe("https://www.town.example.jp/a");
  });
  test("shows code as it is", () => {
    expect(draw("```sql\nSELECT * FROM 職員;\n```").querySelector("pre code")?.textContent).toBe("SELECT * FROM 職員;");
  });
  test("survives what is cut anywhere while it streams", () => {
    const whole = "## 見出し\n\n- 一つ目の**重要**な点\n- [案内](https://example.jp/a)\n\n| 列 | 値 |\n| --- | --- |\n| あ | 1 |\n\n```\ncode\n```\n> 引用 &amp; \\*印\\*";
    for (let end = 0; end <= whole.length; end++) expect(() => draw(whole.slice(0, end))).not.toThrow();
  });
});

describe("A link", () => {
  test.each(["javascript:alert(1)", "data:text/html,x", "//example.jp", "/api/v1/session", "ftp://example.jp", "https://", "vbscript:x", " https://example.jp"])("%s is not one that we open", (href) => {
    expect(safeLink(href)).toBeNull();
  });
});

describe("A claim", () => {
  test("wraps its sentence, with its check and its sources at the end", () => {
    const text = "利用料は2,400円です。申込みは7日前までです。";
    const node = draw(text, [claim(text, "利用料は2,400円です。", "ok", [1]), claim(text, "申込みは7日前までです。", "needed", [2, 3])]);
    const claims = node.querySelectorAll(".claim");
    expect([...claims].map((one) => one.getAttribute("data-check"))).toEqual(["ok", "needed"]);
    expect(claims[0]?.querySelector(".claim__tail")?.firstChild?.textContent).toBe("す。");
    expect(claims[0]?.textContent).toContain("裏付けあり");
    expect(claims[1]?.textContent).toContain("要確認");
    expect([...(claims[1]?.querySelectorAll(".mark") ?? [])].map((one) => one.textContent)).toEqual(["出典2", "出典3"]);
  });
  test("keeps what is bold inside it", () => {
    const text = "申込みは**7日前まで**に提出します。次の文です。";
    const node = draw(text, [claim(text, "申込みは**7日前まで**に提出します。")]);
    expect(node.querySelector(".claim strong")?.textContent).toBe("7日前まで");
    expect(node.querySelector(".plain")?.textContent).toBe("次の文です。");
  });
  test("begins in the middle of what is bold", () => {
    const text = "**第一文。第二文。**";
    const node = draw(text, [claim(text, "第二文。")]);
    expect([...node.querySelectorAll(".claim strong")].map((one) => one.textContent).join("")).toBe("第二文。");
    expect(node.querySelector(".plain strong")?.textContent).toBe("第一文。");
  });
  test("stands in a list item and in a table cell", () => {
    const text = "- 定員は12人です。\n- 場所は2階です。\n\n| 項目 | 額 |\n| --- | --- |\n| 利用料 | 900円です。 |\n";
    const node = draw(text, [claim(text, "定員は12人です。"), claim(text, "場所は2階です。"), claim(text, "900円です。")]);
    expect(node.querySelectorAll("li .claim")).toHaveLength(2);
    expect(node.querySelectorAll("td .claim")).toHaveLength(1);
  });
  test("that goes over a line break has its marks once, at the end", () => {
    const text = "申込みは、\n7日前までです。";
    expect(draw(text, [claim(text, text)]).querySelectorAll(".marks")).toHaveLength(1);
  });
  test("finds its place behind escapes, entities and repeated words", () => {
    const text = "A &amp; B \\*注\\*。同じ文です。同じ文です。";
    const start = text.lastIndexOf("同じ文です。");
    const node = draw(text, [{ start, end: text.length, check: "ok", sources: [1], matched: [], missing: [] }]);
    expect(node.querySelectorAll(".claim")).toHaveLength(1);
    expect(node.querySelector(".plain")?.textContent).toBe("A & B *注*。同じ文です。");
  });
  test("says which of its sources was pressed", () => {
    const pressed: (number | null)[] = [];
    const text = "利用料は2,400円です。";
    draw(text, [claim(text, text, "ok", [1, 4])], { choose: (_, source) => pressed.push(source) });
    host.querySelectorAll<HTMLElement>(".mark")[1]?.click();
    host.querySelector<HTMLElement>(".claim")?.click();
    expect(pressed).toEqual([4, 1]);
  });
  test("outside the text changes nothing", () => {
    expect(draw("短い。", [{ start: 100, end: 200, check: "ok", sources: [1], matched: [], missing: [] }]).querySelector(".claim")).toBeNull();
  });
});

describe("A reading over a word", () => {
  test.each(["｜霧ヶ原《きりがはら》の町", "霧ヶ原｜役場《やくば》です。", "<ruby>霧ヶ原<rp>（</rp><rt>きりがはら</rt><rp>）</rp></ruby>です"])("%s", (text) => {
    expect(draw(text).querySelectorAll("ruby rt")).toHaveLength(1);
  });
  test("is not cut by the marks at the end of its claim", () => {
    const text = "ここは役場《やくば》";
    const node = draw(text, [claim(text, text)]);
    expect(node.querySelector(".claim__tail ruby rt")?.textContent).toBe("やくば");
  });
  test("is not made of other brackets", () => {
    for (const text of ["《枕草子》を読む", "A｜B", "<ruby><script>x</script></ruby>", "|表|です|"]) expect(draw(text).querySelector("ruby")).toBeNull();
  });
});

describe("Plain text", () => {
  test("has no marks, signs before items and tabs between cells", () => {
    expect(plainText("## 見出し\n\n- **重要**な点\n  1. 内側\n- `次`\n\n3. 三\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\ncode\n```")).toBe("見出し\n\n・重要な点\n  1. 内側\n・次\n\n3. 三\n\na\tb\n1\t2\n\ncode");
  });
});

describe("A copied table", () => {
  test("is CSV with quotes where they are needed", () => {
    const table = parseMarkdown('| 名 | 値 |\n| --- | --- |\n| 「あ」"い" | 2,400円 |\n').find((block) => block.tag === "table");
    expect(tableText(table!, "csv")).toBe('名,値\r\n"「あ」""い""","2,400円"');
  });
  test("has tabs between cells, and no cell that a spreadsheet computes", () => {
    const table = parseMarkdown("| 名 | 値 |\n| --- | --- |\n| あ | =SUM(A1) |\n| い | -2,400 |\n").find((block) => block.tag === "table");
    expect(tableText(table!)).toBe("名\t値\nあ\t'=SUM(A1)\nい\t-2,400");
  });
});
