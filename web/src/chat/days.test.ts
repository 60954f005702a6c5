import { expect, test } from "vitest";
import type { ConversationRow } from "../api/types";
import { linesOf } from "./days";

const row = (id: string, at: Date, pinned = false): ConversationRow =>
  ({ id, title: id, level: 1, created_ms: 0, updated_ms: at.getTime(), running_turn_id: null, pinned, archived: false, folder_id: null, deleted_ms: null, attachments: null });

test("A day's conversations stand under one heading, and the pinned ones before all days", () => {
  const lines = linesOf([row("p", new Date(2025, 0, 1), true), row("a", new Date(2025, 6, 15, 23, 59)), row("b", new Date(2025, 6, 15, 0, 0)), row("c", new Date(2025, 6, 14, 23, 59))]);
  expect(lines.map((line) => ("head" in line ? line.head : line.row.id))).toEqual(["pinned", "p", new Date(2025, 6, 15).getTime(), "a", "b", new Date(2025, 6, 14).getTime(), "c"]);
  expect(linesOf([])).toEqual([]);
});
