import { describe, expect, test } from "vitest";
import { isBeside, mostDropped, sorted } from "./dropped";

describe("What is dropped", () => {
  test("is taken but for what systems and programs leave beside documents", () => {
    for (const name of [".DS_Store", "Thumbs.db", "thumbs.DB", "desktop.ini", "~$予算書.docx", ".git", "._要綱.pdf"]) expect(isBeside(name), name).toBe(true);
    for (const name of ["要綱.pdf", "予算.v1.xlsx", "~要綱.docx", "Thumbs.db.txt"]) expect(isBeside(name), name).toBe(false);
  });
  test("is told apart, and is told where it is too much", () => {
    const files = [new File(["x"], ".DS_Store"), ...Array.from({ length: mostDropped + 1 }, (_, index) => new File(["x"], `${index}.txt`))];
    const found = sorted(files);
    expect([found.files.length, found.skipped, found.more]).toEqual([mostDropped, [".DS_Store"], true]);
    expect(sorted(files.slice(1, 3)).more).toBe(false);
  });
});
