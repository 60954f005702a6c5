/** Which part of a passage stands behind a sentence: the piece that shares most pairs of characters with it. */

export interface Piece { text: string; hit: boolean }

function pairs(text: string): Set<string> {
  const plain = text.normalize("NFKC").replace(/[\s\p{P}\p{S}]/gu, "");
  const found = new Set<string>();
  for (let at = 0; at + 1 < plain.length; at++) found.add(plain.slice(at, at + 2));
  return found;
}

const sentenceEnd = /(?<=[\u3002\uFF01\uFF1F!?])(?![\u300D\u300F\uFF09)])/u;

/** Lines of the passage, each cut at its sentence ends; pieces that carry the sentence are marked. No line is marked when nothing is shared. */
export function hitLines(passage: string, sentence: string): Piece[][] {
  const lines = passage.split(/\n+/).map((line) => line.trim()).filter(Boolean).map((line) => line.split(sentenceEnd).filter(Boolean));
  const wanted = pairs(sentence);
  const scored = lines.map((line) => line.map((text) => {
    const own = pairs(text);
    let shared = 0;
    for (const pair of own) if (wanted.has(pair)) shared++;
    return { text, shared, share: shared / Math.max(4, Math.min(own.size, wanted.size || 1)) };
  }));
  const best = scored.flat().reduce((top, piece) => (piece.shared > top.shared || (piece.shared === top.shared && piece.share > top.share) ? piece : top), { text: "", shared: 0, share: 0 });
  return scored.map((line) => line.map((piece) => ({ text: piece.text, hit: best.shared >= 2 && piece === best })));
}

/** Words of a question that are worth showing in a passage: runs of kanji (long ones in pairs: most words are of two), katakana, or letters and figures. */
export function termsOf(question: string): string[] {
  const runs = question.normalize("NFKC").match(/\p{Script=Han}{2,}|[\p{Script=Katakana}\u30FC]{2,}|[A-Za-z0-9]{2,}/gu) ?? [];
  const words = runs.flatMap((run) => (run.length >= 4 && /^\p{Script=Han}+$/u.test(run) ? (run.match(/..(?:.(?!.))?/gu) ?? [run]) : [run]));
  return [...new Set(words)].sort((a, b) => b.length - a.length);
}

/** Text cut at the words, each piece marked whether it is one. */
export function markTerms(text: string, terms: readonly string[]): Piece[] {
  const usable = terms.filter(Boolean).map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (usable.length === 0) return [{ text, hit: false }];
  return text.split(new RegExp(`(${usable.join("|")})`, "u")).map((piece, index) => ({ text: piece, hit: index % 2 === 1 })).filter((piece) => piece.text !== "");
}
