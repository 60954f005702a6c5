/** Times and sizes that are told alike in every language. Times are milliseconds since 1970, days those of this device. */

export function clock(ms: number): string {
  const at = new Date(ms);
  return `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
}

function dayStart(ms: number): number {
  const at = new Date(ms);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

/** Whole days from one to the other, by the calendar of this device. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((dayStart(later) - dayStart(earlier)) / 86_400_000);
}

/** `byteWord`: what stands behind fewer than a thousand. */
export function sizeOf(bytes: number, number: Intl.NumberFormat, byteWord: string): string {
  if (bytes < 1000) return `${number.format(bytes)}${byteWord}`;
  if (bytes < 1_000_000) return `${number.format(Math.round(bytes / 1000))} KB`;
  if (bytes < 100_000_000) return `${number.format(Math.round(bytes / 100_000) / 10)} MB`;
  if (bytes < 10_000_000_000) return `${number.format(Math.round(bytes / 1_000_000))} MB`;
  return `${number.format(Math.round(bytes / 1_000_000_000))} GB`;
}

/** "2026-07-11", "2026/7/11": the day from its first to its last millisecond; null where it is none. */
export function dayOf(text: string): { from: number; to: number } | null {
  const parts = /^\s*(\d{4})[-\/.](\d{1,2})[-\/.](\d{1,2})\s*$/.exec(text.normalize("NFKC"));
  if (!parts) return null;
  const from = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  return from.getMonth() === Number(parts[2]) - 1 ? { from: from.getTime(), to: from.getTime() + 86_400_000 } : null;
}
