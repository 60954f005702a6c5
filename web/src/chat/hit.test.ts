import { describe, expect, test } from "vitest";
import { hitLines, markTerms, termsOf } from "./hit";

const article = "（利用料の免除）\n第8条　町長は、町民税非課税世帯に属する児童の保護者から申請があったときは、利用料の全部又は一部を免除することができる。\n２　前項の免除を受けようとする保護者は、利用料免除申請書に世帯の課税状況が分かる書類を添えて、町長に提出しなければならない。";

describe("The passage behind a sentence", () => {
  test("is marked where it says the same", () => {
    const hits = hitLines(article, "免除を受けるときは、世帯の課税状況が分かる書類を添えて提出します。").flat().filter((piece) => piece.hit);
    expect(hits.map((piece) => piece.text)).toEqual(["２　前項の免除を受けようとする保護者は、利用料免除申請書に世帯の課税状況が分かる書類を添えて、町長に提出しなければならない。"]);
  });
  test("is not marked where nothing is shared", () => {
    expect(hitLines(article, "バス").flat().some((piece) => piece.hit)).toBe(false);
  });
  test("keeps every character, and does not cut before a closing bracket", () => {
    const lines = hitLines("「申込みは終わった。」と答えた。次の文！", "答えた");
    expect(lines[0]?.map((piece) => piece.text)).toEqual(["「申込みは終わった。」と答えた。", "次の文！"]);
  });
});

describe("Words of a question", () => {
  test("are those that a passage can show", () => {
    expect(termsOf("町営バスの運転手の夏季休暇は、何日取れますか。").sort()).toEqual(["バス", "何日取", "夏季", "休暇", "町営", "運転手"].sort());
  });
  test("are marked literally, whatever signs they hold", () => {
    expect(markTerms("費用(概算)は*印", ["(概算)", "*"]).filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(["(概算)", "*"]);
    expect(markTerms("休暇", [])).toEqual([{ text: "休暇", hit: false }]);
  });
});
