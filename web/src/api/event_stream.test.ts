import { describe, expect, test } from "vitest";
import { errorOf, query } from "./client";
import { EventParser, type ServerEvent } from "./event_stream";

const text = "id: 1\nevent: started\ndata: {\"turn_id\":\"t1\"}\n\n: still here\n\nid: 2\r\nevent: text\r\ndata: {\"text\":\"町の\"}\r\n\r\nid: 3\nevent: text\ndata: 一行目\ndata: 二行目\n\nid: 4\nevent: text\ndata: never ended";

function parse(pieces: string[]): ServerEvent[] {
  const parser = new EventParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe("The event stream", () => {
  test("gives the same events however it is cut", () => {
    const whole = parse([text]);
    expect(whole.map((event) => [event.id, event.event])).toEqual([["1", "started"], ["2", "text"], ["3", "text"]]);
    expect(whole[2]?.data).toBe("一行目\n二行目");
    for (let cut = 1; cut < text.length; cut++) expect(parse([text.slice(0, cut), text.slice(cut)])).toEqual(whole);
    expect(parse([...text])).toEqual(whole);
  });
});

describe("An error of the server", () => {
  test("is read from its body", () => {
    expect(errorOf(429, '{"error":{"code":"rate_limited","detail":"x","trace_id":"T-1"}}', "20")).toMatchObject({ code: "rate_limited", traceId: "T-1", retryAfterSeconds: 20 });
  });
  test.each([[401, "unauthorized"], [413, "too_large"], [429, "rate_limited"], [502, "unavailable"], [418, "internal"]])("%i without a body of ours is %s", (status, code) => {
    expect(errorOf(status, "<html>").code).toBe(code);
  });
});

describe("A query", () => {
  test("leaves out what is not there and encodes what is", () => {
    expect(query({ after: null, limit: 50, name: "要綱 1.pdf" })).toBe("?limit=50&name=%E8%A6%81%E7%B6%B1%201.pdf");
    expect(query({ after: undefined })).toBe("");
  });
});
