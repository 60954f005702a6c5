import { describe, expect, test } from "vitest";
import type { TurnEvent } from "../api/types";
import { askedTurn, checkCounts, failed, pathOf, reduce, rewound, turnEvent, viewOf, type TurnView } from "./turn_state";

const asked = (): TurnView => askedTurn({ question: "利用料は？", mode: "shelves", shelves: ["s1"], parent_id: null, created_ms: 0 });
function play(events: TurnEvent[], from = asked()): TurnView {
  return events.reduce((turn, event, index) => reduce(turn, event, index + 1), from);
}
const started: TurnEvent = { type: "started", turn_id: "t1", conversation_id: "c1", title: "利用料", model: "m" };
const done: TurnEvent = { type: "done", reason: "stop", model: "m", created_ms: 5, level: 2, level_name: "機密性2", characters: 9, supported: 1, needs_check: 0, first_token_ms: 550, total_ms: 900 };
const source = { number: 1, passage_id: "p", document_id: "d", document_name: "要綱", shelf_id: "s1", shelf_name: "例規集", page: 3, path: "第7条", text: "本文", level: 2 };

describe("A turn", () => {
  test("goes from the queue over reading to its answer", () => {
    let turn = play([started, { type: "queued", ahead: 2, seconds: 12 }]);
    expect(turn.queued).toEqual({ ahead: 2, seconds: 12 });
    turn = reduce(turn, { type: "sources", items: [source] }, 3);
    expect(turn.queued).toBeNull();
    turn = reduce(turn, { type: "reading", percent: 40, done_tokens: 4, total_tokens: 10, source: 1 }, 4);
    expect(turn.reading?.percent).toBe(40);
    turn = reduce(turn, { type: "text", text: "2,400円" }, 5);
    expect(turn.reading).toBeNull();
    turn = reduce(turn, { type: "text", text: "です。" }, 6);
    turn = reduce(turn, { type: "claim", start: 0, end: 9, check: "ok", sources: [1], matched: ["2,400円"], missing: [] }, 7);
    turn = reduce(turn, done, 8);
    expect(turn).toMatchObject({ id: "t1", state: "done", answer: "2,400円です。", level: 2, created_ms: 5 });
    expect(checkCounts(turn)).toEqual({ supported: 1, needsCheck: 0 });
  });
  test("takes every event once, however often a resumed stream repeats it", () => {
    const turn = play([started, { type: "text", text: "一" }, { type: "text", text: "二" }]);
    expect(reduce(turn, { type: "text", text: "二" }, 3)).toBe(turn);
    expect(reduce(turn, { type: "text", text: "三" }, 4).answer).toBe("一二三");
    expect(reduce(turn, { type: "text", text: "二三", at: 1 }, 4).answer).toBe("一二三");
  });
  test("keeps what was written when it fails, and when it is stopped", () => {
    const turn = play([started, { type: "text", text: "途中まで" }, { type: "failed", code: "unavailable", detail: "x" }]);
    expect(turn).toMatchObject({ state: "failed", answer: "途中まで", error: { code: "unavailable" } });
    expect(play([started, { type: "text", text: "途中まで" }, { ...done, reason: "stopped" }])).toMatchObject({ state: "stopped", answer: "途中まで" });
    expect(failed(turn, { code: "cancelled", detail: "" }).state).toBe("stopped");
  });
  test("replaces the check of a sentence that is checked again, and keeps claims in order", () => {
    const claim = (start: number, end: number, check: "ok" | "needed"): TurnEvent => ({ type: "claim", start, end, check, sources: [1], matched: [], missing: [] });
    const turn = play([started, { type: "text", text: "第一文。第二文。" }, claim(4, 8, "ok"), claim(0, 4, "ok"), claim(0, 4, "needed")]);
    expect(turn.claims.map((one) => [one.start, one.check])).toEqual([[0, "needed"], [4, "ok"]]);
  });
  test("shows its label and the source that raised it", () => {
    expect(play([started, { type: "label", level: 2, name: "機密性2", because_source: 3 }]).because_source).toBe(3);
  });
  test("says with numbers what was left out", () => {
    expect(play([started, { type: "notice", code: "passages_left_out", found: 9, read: 5 }]).notices).toEqual([{ code: "passages_left_out", found: 9, read: 5 }]);
  });
  test("leaves unknown events alone", () => {
    const turn = play([started]);
    expect(reduce(turn, { type: "surprise" } as unknown as TurnEvent, 2)).toBe(turn);
  });
  test("forgets what the stream will say again when it is read from its beginning", () => {
    const turn = rewound(viewOf({ ...play([started, { type: "text", text: "半分" }]) }));
    expect(turn).toMatchObject({ answer: "", lastEvent: 0, state: "running", claims: [] });
  });
});

describe("A message of the stream", () => {
  test("that is not an object is dropped", () => {
    expect(turnEvent("text", "{\"text\":\"あ")).toBeNull();
    expect(turnEvent("text", "[1]")).toBeNull();
    expect(turnEvent("text", "null")).toBeNull();
    expect(turnEvent("text", "{\"text\":\"あ\"}")).toEqual({ type: "text", text: "あ" });
  });
});

describe("The path through a conversation", () => {
  const turn = (id: string, parent: string | null): TurnView => ({ ...asked(), id, parent_id: parent });
  const ids = (turns: TurnView[], chosen = new Map<string, number>()) => pathOf(turns, chosen).map((step) => step.turn.id);
  test("takes the last answer to each question, until another is chosen", () => {
    const turns = [turn("a", null), turn("b", "a"), turn("b2", "a"), turn("c", "b")];
    expect(ids(turns)).toEqual(["a", "b2"]);
    expect(ids(turns, new Map([["a", 0]]))).toEqual(["a", "b", "c"]);
    expect(pathOf(turns, new Map())[1]?.siblings).toHaveLength(2);
  });
  test("ends at a question that has no id yet, and does not go round in circles", () => {
    expect(ids([turn("a", null), turn("", "a")])).toEqual(["a", ""]);
    expect(ids([turn("a", "b"), turn("b", "a")])).toEqual([]);
  });
  test("begins with a turn whose parent is not there", () => {
    expect(ids([turn("b", "gone"), turn("c", "b")])).toEqual(["b", "c"]);
  });
});
