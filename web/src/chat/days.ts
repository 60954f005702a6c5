import type { ConversationRow } from "../api/types";

/** A line of a list: a heading (the pinned ones, a day), or a conversation. */
export type Line = { key: string; head: "pinned" | number } | { key: string; row: ConversationRow };

/** Rows, in the order of the server, under the day (of this device's clock) that each belongs to; the pinned ones under a heading of theirs. */
export function linesOf(rows: readonly ConversationRow[]): Line[] {
  const lines: Line[] = [];
  let under: "pinned" | number | null = null;
  for (const row of rows) {
    const at = new Date(row.updated_ms);
    const head = row.pinned ? "pinned" : new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
    if (head !== under) lines.push({ key: `head ${head}`, head });
    under = head;
    lines.push({ key: row.id, row });
  }
  return lines;
}
