/** A pasted table as rows of cells: at least two of each, every row as long as the longest; null where the text is none. */
export function tableOf(text: string): string[][] | null {
  const rows: string[][] = [[""]];
  let quoted = false;
  const body = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  for (let at = 0; at < body.length; at++) {
    const sign = body[at] ?? "";
    const row = rows[rows.length - 1] as string[];
    const cell = row[row.length - 1] ?? "";
    // A spreadsheet puts a cell with a line end or a quote between quotes.
    if (quoted && sign === '"' && body[at + 1] === '"') { row[row.length - 1] = cell + '"'; at++; }
    else if (quoted && sign === '"') quoted = false;
    else if (quoted) row[row.length - 1] = cell + sign;
    else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t") row.push("");
    else if (sign === "\n") rows.push([""]);
    else row[row.length - 1] = cell + sign;
  }
  const width = Math.max(...rows.map((row) => row.length));
  if (quoted || rows.length < 2 || width < 2 || rows.some((row) => row.length < 2)) return null;
  return rows.map((row) => [...row, ...new Array<string>(width - row.length).fill("")]);
}

/** As CSV in UTF-8 with a byte order mark. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return "\ufeff" + rows.map((row) => row.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell)).join(",")).join("\r\n") + "\r\n";
}

/** As a table of Markdown, its first row the head. */
export function markdownOf(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replace(/\\/g, "\\\\").replace(/\|/g, "\\|").replace(/\s*\n\s*/g, " ").trim()).join(" | ")} |`;
  const [head = [], ...rest] = rows;
  return [line(head), line(head.map(() => "---")), ...rest.map(line), ""].join("\n");
}
