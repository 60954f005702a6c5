/** Rows of a list put under the day (of this device's clock) that each belongs to; the newest first, as they come. */
export function groupByDay<T extends { updated_ms: number }>(rows: readonly T[]): { day: number; rows: T[] }[] {
  const groups: { day: number; rows: T[] }[] = [];
  for (const row of rows) {
    const at = new Date(row.updated_ms);
    const day = new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
    const group = groups[groups.length - 1];
    if (group && group.day === day) group.rows.push(row);
    else groups.push({ day, rows: [row] });
  }
  return groups;
}
