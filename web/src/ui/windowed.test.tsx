import { describe, expect, test } from "vitest";
import { slice } from "./windowed";

const unknown = (count: number): undefined[] => new Array<undefined>(count).fill(undefined);

describe("A windowed list", () => {
  test("draws what is near the screen and keeps the room of the rest", () => {
    expect(slice(unknown(10_000), 50, 1000, 2000)).toEqual({ from: 20, to: 40, before: 1000, after: 498_000 });
  });
  test("counts with the heights that it knows", () => {
    expect(slice([100, undefined, 300, undefined], 50, 120, 160)).toEqual({ from: 1, to: 3, before: 100, after: 50 });
  });
  test("never loses room: drawn and kept are the whole", () => {
    const heights = Array.from({ length: 500 }, (_, index) => (index % 3 === 0 ? undefined : 20 + (index % 7)));
    const all = heights.reduce((sum: number, height) => sum + (height ?? 33), 0);
    for (const top of [-500, 0, 777, 5000, 12_000, 99_999]) {
      const { from, to, before, after } = slice(heights, 33, top, top + 600);
      const drawn = heights.slice(from, to).reduce((sum: number, height) => sum + (height ?? 33), 0);
      expect(before + drawn + after).toBe(all);
    }
  });
  test("draws nothing above or below its ends", () => {
    expect(slice(unknown(3), 50, -500, -100)).toEqual({ from: 0, to: 0, before: 0, after: 150 });
    expect(slice(unknown(3), 50, 500, 900)).toEqual({ from: 3, to: 3, before: 150, after: 0 });
    expect(slice([], 50, 0, 900)).toEqual({ from: 0, to: 0, before: 0, after: 0 });
  });
});
