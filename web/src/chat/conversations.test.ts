import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ConversationRow } from "../api/types";
import { before, belongs, changeConversation, chosenList, deleteConversation, list, loadChosen, loadList, restoreConversation } from "./conversations";

const row = (id: string, updated_ms: number, more: Partial<ConversationRow> = {}): ConversationRow =>
  ({ id, title: id, level: 1, created_ms: 0, updated_ms, running_turn_id: null, pinned: false, archived: false, folder_id: null, deleted_ms: null, attachments: null, ...more });

let answers: unknown[] = [];
const asked: string[] = [];
beforeEach(() => {
  answers = [];
  asked.length = 0;
  vi.stubGlobal("fetch", (url: string, options: RequestInit) => {
    asked.push(`${options.method} ${url}`);
    return Promise.resolve(new Response(JSON.stringify(answers.shift() ?? { items: [], next: null, folders: [] })));
  });
});
const ids = (): string[] => list.value.items.map((one) => one.id);

describe("The list of conversations", () => {
  test("has pinned ones first, then the newest", () => {
    const rows = [row("a", 1), row("b", 3), row("c", 2, { pinned: true })];
    expect(rows.sort((x, y) => (before(x, y) ? -1 : 1)).map((one) => one.id)).toEqual(["c", "b", "a"]);
  });
  test("knows where a row belongs", () => {
    expect(belongs({ view: "open", folder: null }, row("a", 1, { folder_id: "f" }))).toBe(true);
    expect(belongs({ view: "open", folder: "g" }, row("a", 1, { folder_id: "f" }))).toBe(false);
    expect(belongs({ view: "archived", folder: null }, row("a", 1, { archived: true }))).toBe(true);
    expect(belongs({ view: "archived", folder: null }, row("a", 1, { archived: true, deleted_ms: 1 }))).toBe(false);
  });
  test("takes one request for a page and keeps what was loaded", async () => {
    answers = [{ items: [row("a", 9), row("b", 8)], next: "0/8/b", folders: [] }, { items: [row("c", 7)], next: null }];
    await loadList();
    await loadList(true);
    expect(ids()).toEqual(["a", "b", "c"]);
    expect(asked).toEqual(["GET /api/v1/conversations?limit=100&view=open", "GET /api/v1/conversations?limit=100&view=open&after=0%2F8%2Fb"]);
  });
  test("moves a row that is pinned, and takes one out that is put away", async () => {
    answers = [{ items: [row("a", 9), row("b", 8)], next: null, folders: [] }, row("b", 8, { pinned: true }), row("a", 9, { archived: true })];
    await loadList();
    await changeConversation("b", { pinned: true });
    expect(ids()).toEqual(["b", "a"]);
    await changeConversation("a", { archived: true });
    expect(ids()).toEqual(["b"]);
  });
  test("brings a deleted row back to its place", async () => {
    answers = [{ items: [row("a", 9), row("b", 8), row("c", 7)], next: null, folders: [] }, {}, {}, row("b", 8)];
    await loadList();
    await deleteConversation({ id: "b" });
    expect(ids()).toEqual(["a", "c"]);
    await restoreConversation("b");
    expect(ids()).toEqual(["a", "b", "c"]);
  });
  test("drops the answer for a list that is no longer chosen", async () => {
    answers = [{ items: [row("old", 1)], next: null }, { items: [row("new", 1, { archived: true })], next: null }];
    const first = loadChosen({ view: "deleted", folder: null });
    await loadChosen({ view: "archived", folder: null });
    await first;
    expect(chosenList.value.items.map((one) => one.id)).toEqual(["new"]);
  });
});
