import type { Claim } from "../api/types";
import type { Leaf, Wrap } from "./parse";
import { outsideRuby } from "./ruby";

/** Neighbouring leaves that belong to one claim, or to none (`claim` -1). `last`: the claim ends here. */
export interface Run { claim: number; leaves: Leaf[]; last: boolean }

/** Cuts the leaves of a block where claims begin and end. Claims are in order and do not overlap. */
export function runsOf(leaves: Leaf[], claims: readonly Claim[], source: string): Run[] {
  const runs: Run[] = [];
  const add = (claim: number, leaf: Leaf): void => {
    const run = runs[runs.length - 1];
    if (run && run.claim === claim) run.leaves.push(leaf);
    else runs.push({ claim, leaves: [leaf], last: false });
  };
  for (const leaf of leaves) {
    if (leaf.start < 0 || leaf.kind === "break" || leaf.end - leaf.start !== leaf.text.length) {
      const claim = leaf.start < 0 ? (runs[runs.length - 1]?.claim ?? -1) : claimAt(claims, leaf.start);
      add(leaf.kind === "break" && claim >= 0 && leaf.end >= (claims[claim]?.end ?? 0) ? -1 : claim, leaf);
      continue;
    }
    for (let at = leaf.start; at < leaf.end;) {
      const claim = claimAt(claims, at);
      const to = Math.min(leaf.end, claim >= 0 ? (claims[claim]?.end ?? leaf.end) : nextStart(claims, at));
      add(claim, { ...leaf, text: leaf.text.slice(at - leaf.start, to - leaf.start), start: at, end: to });
      at = to;
    }
  }
  for (const run of runs) {
    const claim = claims[run.claim];
    const end = Math.max(...run.leaves.map((leaf) => leaf.end));
    run.last = claim !== undefined && source.slice(end, claim.end).trim() === "";
  }
  return runs;
}

function claimAt(claims: readonly Claim[], at: number): number {
  return claims.findIndex((claim) => claim.start <= at && at < claim.end);
}

function nextStart(claims: readonly Claim[], at: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const claim of claims) if (claim.start > at) next = Math.min(next, claim.start);
  return next;
}

/** Takes the last two characters off a run, so that the marks can be glued to them. */
export function cutTail(leaves: Leaf[]): { body: Leaf[]; tail: Leaf[] } {
  const last = leaves[leaves.length - 1];
  if (!last || last.kind !== "text") return { body: leaves, tail: [] };
  const text = last.text.replace(/\s+$/, "");
  const cut = outsideRuby(text, Array.from(text).slice(0, -2).join("").length);
  const tail = text.slice(cut);
  const body = text.slice(0, cut);
  return {
    body: body ? [...leaves.slice(0, -1), { ...last, text: body }] : leaves.slice(0, -1),
    tail: tail ? [{ ...last, text: tail }] : [],
  };
}

/** Neighbours that stand inside the same thing at this depth, and those that stand inside nothing. */
export function groupByWrap(leaves: Leaf[], depth: number): { wrap: Wrap | null; leaves: Leaf[] }[] {
  const groups: { wrap: Wrap | null; leaves: Leaf[] }[] = [];
  for (const leaf of leaves) {
    const wrap = leaf.path[depth] ?? null;
    const group = groups[groups.length - 1];
    if (group && group.wrap === wrap) group.leaves.push(leaf);
    else groups.push({ wrap, leaves: [leaf] });
  }
  return groups;
}
