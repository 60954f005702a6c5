/** Readings over words, as books of Aozora Bunko and models write them: a bar and double brackets, kanji with double brackets, or <ruby>. */
export interface RubyPiece { text: string; reading: string | null }

const ruby = new RegExp([
  "[|\\uFF5C]([^|\\uFF5C\\u300A\\u300B\\n]{1,30})\\u300A([^\\u300A\\u300B\\n]{1,40})\\u300B",
  "([\\p{Script=Han}\\u3005]{1,20})\\u300A([\\u3041-\\u309F\\u30A0-\\u30FF]{1,40})\\u300B",
  "<ruby>(?:<rb>)?([^<>\\n]{1,30})(?:</rb>)?(?:<rp>[^<>\\n]{0,2}</rp>)?<rt>([^<>\\n]{1,40})</rt>(?:<rp>[^<>\\n]{0,2}</rp>)?</ruby>",
].join("|"), "gu");

/** Text cut where readings stand. */
export function rubyPieces(text: string): RubyPiece[] {
  const pieces: RubyPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(ruby)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), reading: null });
    pieces.push({ text: match[1] ?? match[3] ?? match[5] ?? "", reading: match[2] ?? match[4] ?? match[6] ?? "" });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), reading: null });
  return pieces;
}

/** Where a text may be cut near `at` without cutting through a reading. */
export function outsideRuby(text: string, at: number): number {
  for (const match of text.matchAll(ruby)) if (match.index < at && at < match.index + match[0].length) return match.index;
  return at;
}
