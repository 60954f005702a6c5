import { pattern } from "../text";
import { parseMarkdown, type Block } from "./parse";

/** A model's Markdown as plain text for a word processor: no marks, lists with their signs, tables with tabs. */
export function plainText(source: string): string {
  return parseMarkdown(source).map((block) => textOf(block, "")).join("\n\n");
}

function textOf(block: Block, indent: string): string {
  const own = block.leaves.map((leaf) => (leaf.kind === "break" ? "\n" : leaf.text)).join("");
  switch (block.tag) {
    case "ul": return block.children.map((item) => itemText(item, pattern.bullet, indent)).join("\n");
    case "ol": return block.children.map((item, index) => itemText(item, `${(block.first ?? 1) + index}. `, indent)).join("\n");
    case "table": return block.children.flatMap((part) => part.children).map((row) => row.children.map((cell) => textOf(cell, "").replace(/\s*\n\s*/g, " ")).join("\t")).join("\n");
    case "blockquote": return block.children.map((child) => textOf(child, indent)).join("\n");
    case "hr": return "";
    default: return [own, ...block.children.map((child) => textOf(child, indent))].filter(Boolean).join("\n");
  }
}

function itemText(item: Block, sign: string, indent: string): string {
  const [first = "", ...rest] = [item.leaves.map((leaf) => leaf.text).join(""), ...item.children.map((child) => textOf(child, `${indent}  `))].filter(Boolean);
  return [`${indent}${sign}${first}`, ...rest].join("\n");
}
