import MarkdownIt from "markdown-it";
import type Token from "markdown-it/lib/token.mjs";
import cjkFriendly from "markdown-it-cjk-friendly";

/** A piece of text inside a block, with where it stands in the source (UTF-16 units; -1 when that is not known). */
export interface Leaf { kind: "text" | "code" | "break"; text: string; start: number; end: number; path: Wrap[] }
/** What stands around a leaf. One object a place, so that neighbours inside the same one can be told by identity. */
export interface Wrap { tag: "strong" | "em" | "s" | "link"; href?: string }

export type BlockTag = "p" | "h3" | "h4" | "ul" | "ol" | "li" | "blockquote" | "table" | "thead" | "tbody" | "tr" | "th" | "td" | "hr" | "pre";
export interface Block {
  tag: BlockTag; children: Block[]; leaves: Leaf[]; start: number; end: number;
  /** First number of an `ol`; whether a cell is set to the right; language of `pre`. */
  first?: number; numeric?: boolean; language?: string;
}

const parser = new MarkdownIt("default", { html: false, linkify: false, typographer: false, breaks: true }).use(cjkFriendly);
parser.core.ruler.disable("text_join"); // keeps escapes and entities apart, so that offsets can be found
parser.validateLink = () => true; // the allow-list of render.tsx decides

const blockTags: Record<string, BlockTag> = {
  paragraph: "p", bullet_list: "ul", ordered_list: "ol", list_item: "li", blockquote: "blockquote", table: "table",
  thead: "thead", tbody: "tbody", tr: "tr", th: "th", td: "td",
};
const wrapTags: Record<string, Wrap["tag"]> = { strong: "strong", em: "em", s: "s", link: "link" };

/** Where each line of the source begins, and its end. */
function lineStarts(source: string): number[] {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  starts.push(source.length);
  return starts;
}

/** Markdown as blocks of leaves. Nothing else comes out: what we have no name for is left out or shown as text. */
export function parseMarkdown(source: string): Block[] {
  const starts = lineStarts(source);
  const root: Block = { tag: "p", children: [], leaves: [], start: 0, end: source.length };
  const stack: Block[] = [root];
  let cursor = 0;
  const top = (): Block => stack[stack.length - 1] ?? root;

  const openBlock = (token: Token, tag: BlockTag): void => {
    const outer = top();
    const block: Block = {
      tag, children: [], leaves: [],
      start: token.map ? (starts[token.map[0]] ?? source.length) : outer.start,
      end: token.map ? (starts[token.map[1]] ?? source.length) : outer.end,
    };
    if (tag === "ol") block.first = Number(token.attrGet("start") ?? 1);
    if (tag === "th" || tag === "td") block.numeric = /right/.test(token.attrGet("style") ?? "");
    outer.children.push(block);
    stack.push(block);
  };

  for (const token of parser.parse(source, {})) {
    const [name, side] = splitType(token.type);
    if (token.type === "inline") {
      cursor = readInline(token.children ?? [], source, Math.max(cursor, top().start), top().end, top().leaves);
    } else if (token.type === "heading_open") {
      openBlock(token, token.tag === "h1" || token.tag === "h2" || token.tag === "h3" ? "h3" : "h4");
    } else if (token.type === "heading_close") {
      stack.pop();
    } else if (side === "open" && blockTags[name]) {
      openBlock(token, blockTags[name]);
    } else if (side === "close" && blockTags[name]) {
      stack.pop();
    } else if (token.type === "fence" || token.type === "code_block") {
      openBlock(token, "pre");
      const start = Math.max(source.indexOf(token.content, top().start), 0);
      top().language = token.info.trim().split(/\s+/)[0] ?? "";
      top().leaves.push({ kind: "code", text: token.content.replace(/\n$/, ""), start, end: start + token.content.length, path: [] });
      stack.pop();
    } else if (token.type === "hr") {
      openBlock(token, "hr");
      stack.pop();
    }
  }
  return root.children;
}

function splitType(type: string): [string, string] {
  const cut = type.lastIndexOf("_");
  return cut < 0 ? [type, ""] : [type.slice(0, cut), type.slice(cut + 1)];
}

/** Turns the children of one inline token into leaves; returns how far the source is used. */
function readInline(tokens: Token[], source: string, from: number, limit: number, leaves: Leaf[]): number {
  let cursor = from;
  let path: Wrap[] = [];
  const add = (kind: Leaf["kind"], text: string, raw: string): void => {
    const at = source.indexOf(raw, cursor);
    const known = at >= 0 && at + raw.length <= limit;
    leaves.push({ kind, text, start: known ? at : -1, end: known ? at + raw.length : -1, path });
    if (known) cursor = at + raw.length;
  };
  for (const token of tokens) {
    const [name, side] = splitType(token.type);
    const wrap = wrapTags[name];
    if (wrap && side === "open") path = [...path, { tag: wrap, href: wrap === "link" ? (token.attrGet("href") ?? "") : undefined }];
    else if (wrap && side === "close") path = path.slice(0, -1);
    else if (token.type === "text") { if (token.content) add("text", token.content, token.content); }
    else if (token.type === "text_special") add("text", token.content, token.markup || token.content);
    else if (token.type === "code_inline") add("code", token.content, token.content);
    else if (token.type === "softbreak" || token.type === "hardbreak") add("break", "", "\n");
    else if (token.type === "image") add("text", token.content, token.content);
    else if (token.content) add("text", token.content, token.content);
  }
  return cursor;
}
