import type { ComponentChildren, VNode } from "preact";
import { memo } from "../ui/memo";
import type { Check, Claim } from "../api/types";
import { t } from "../text";
import { copyText, saveFile } from "../ui/copy";
import { Icon } from "../ui/icons";
import { toast } from "../ui/toast";
import { cutTail, groupByWrap, runsOf, type Run } from "./claims";
import { parseMarkdown, type Block, type Leaf } from "./parse";
import { rubyPieces } from "./ruby";

export interface ClaimActions {
  /** Index of the chosen claim, and the number of the source that is open beside it. */
  selected: number;
  openSource: number | null;
  /** A claim was pressed, or one of its source numbers. */
  choose: (claim: number, source: number | null) => void;
  /** A link was pressed: it never opens by itself. */
  follow: (href: string) => void;
}

/** A model's Markdown as nodes of an allow-list. No HTML, no image, no address is ever loaded from it. */
export function Markdown(props: { text: string; claims: readonly Claim[]; actions: ClaimActions; caret?: boolean; checkView?: boolean }) {
  const blocks = parseMarkdown(props.text);
  return (
    <div class="prose" lang="ja" data-view={props.checkView ? "check" : undefined}>
      {blocks.map((block, index) => {
        const claims = claimKey(props.claims, block);
        const chosen = props.actions.selected >= 0 && touches(props.claims[props.actions.selected], block) ? `${props.actions.selected}/${props.actions.openSource}` : "";
        return (
          <BlockView key={index} block={block} claims={props.claims} source={props.text} actions={props.actions}
            caret={Boolean(props.caret) && index === blocks.length - 1}
            state={`${block.start}|${props.text.slice(block.start, block.end)}|${claims}|${chosen}`} />
        );
      })}
      {props.caret && blocks.length === 0 && <p><span class="caret" /></p>}
    </div>
  );
}

function touches(claim: Claim | undefined, block: Block): boolean {
  return claim !== undefined && claim.start < block.end && claim.end > block.start;
}
function claimKey(claims: readonly Claim[], block: Block): string {
  return claims.filter((claim) => touches(claim, block)).map((claim) => `${claim.start}-${claim.end}${claim.check}${claim.sources.join(".")}`).join(",");
}

interface BlockProps { block: Block; claims: readonly Claim[]; source: string; actions: ClaimActions; caret: boolean; state: string }
/** A block is drawn again only when its own text, claims or selection changed: a long answer streams without effort. */
const BlockView = memo(
  ({ block, claims, source, actions, caret }: BlockProps) => drawBlock(block, { claims, source, actions }, caret),
  (before, after) => before.state === after.state && before.caret === after.caret,
);

interface Context { claims: readonly Claim[]; source: string; actions: ClaimActions }

function drawBlock(block: Block, context: Context, caret: boolean): VNode {
  const inside = (): ComponentChildren => [
    ...runsOf(block.leaves, context.claims, context.source).map((run, index) => drawRun(run, context, index)),
    ...block.children.map((child, index) => drawBlockKeyed(child, context, caret && index === block.children.length - 1, index)),
    caret && block.children.length === 0 && <span class="caret" key="caret" />,
  ];
  switch (block.tag) {
    case "h3": return <h3>{inside()}</h3>;
    case "h4": return <h4>{inside()}</h4>;
    case "ul": return <ul>{inside()}</ul>;
    case "ol": return <ol start={block.first === 1 ? undefined : block.first}>{inside()}</ol>;
    case "li": return <li>{inside()}</li>;
    case "blockquote": return <blockquote>{inside()}</blockquote>;
    case "hr": return <hr class="paper__cut" />;
    case "pre": return <CodeBlock text={block.leaves[0]?.text ?? ""} language={block.language ?? ""} />;
    case "table": return <TableBlock block={block}>{inside()}</TableBlock>;
    case "thead": return <thead>{inside()}</thead>;
    case "tbody": return <tbody>{inside()}</tbody>;
    case "tr": return <tr>{inside()}</tr>;
    case "th": return <th scope="col" class={block.numeric ? "is-num" : undefined}>{inside()}</th>;
    case "td": return <td class={block.numeric ? "is-num" : undefined}>{inside()}</td>;
    case "p": return <p>{inside()}</p>;
  }
}

function drawBlockKeyed(block: Block, context: Context, caret: boolean, key: number): VNode {
  const node = drawBlock(block, context, caret);
  node.key = `b${key}`;
  return node;
}

function drawRun(run: Run, context: Context, key: number): VNode | ComponentChildren {
  const claim = context.claims[run.claim];
  if (!claim) return <span class="plain" key={key}>{drawLeaves(run.leaves, 0, context)}</span>;
  const selected = run.claim === context.actions.selected;
  const { body, tail } = run.last ? cutTail(run.leaves) : { body: run.leaves, tail: [] };
  return (
    <span class="claim" key={key} data-claim={run.claim} data-check={claim.check} data-selected={selected ? "" : undefined}
      onClick={() => context.actions.choose(run.claim, claim.sources[0] ?? null)}>
      {drawLeaves(body, 0, context)}
      {run.last && (
        <span class="claim__tail">
          {drawLeaves(tail, 0, context)}
          <Marks claim={claim} openSource={selected ? context.actions.openSource : null} choose={(source) => context.actions.choose(run.claim, source)} />
        </span>
      )}
    </span>
  );
}

function Marks({ claim, openSource, choose }: { claim: Claim; openSource: number | null; choose: (source: number) => void }) {
  return (
    <span class="marks" data-check={claim.check}>
      <span class="marks__state"><CheckWord check={claim.check} /></span>
      {claim.sources.map((number) => (
        <button class="mark" type="button" key={number} aria-expanded={openSource === number} aria-controls={openSource === number ? "source" : undefined}
          onClick={(event) => { event.stopPropagation(); choose(number); }}>
          <span class="sr-only">{t.source}</span>{number}
        </button>
      ))}
    </span>
  );
}

function CheckWord({ check }: { check: Check }) {
  if (check === "ok") return <><Icon name="check" /><span class="sr-only">{t.checks.ok}</span></>;
  return <>{t.checks[check]}</>;
}

function drawLeaves(leaves: Leaf[], depth: number, context: Context): ComponentChildren {
  return groupByWrap(leaves, depth).map(({ wrap, leaves: inner }, index) => {
    if (!wrap) return inner.map((leaf, at) => drawLeaf(leaf, `${index}.${at}`));
    const children = drawLeaves(inner, depth + 1, context);
    switch (wrap.tag) {
      case "strong": return <strong key={index}>{children}</strong>;
      case "em": return <em key={index}>{children}</em>;
      case "s": return <s key={index}>{children}</s>;
      case "link": return <OutLink key={index} href={wrap.href ?? ""} follow={context.actions.follow}>{children}</OutLink>;
    }
  });
}

function drawLeaf(leaf: Leaf, key: string): ComponentChildren {
  if (leaf.kind === "break") return <br key={key} />;
  if (leaf.kind === "code") return <code key={key}>{leaf.text}</code>;
  return rubyPieces(leaf.text).map((piece, at) => (piece.reading === null ? piece.text : <ruby key={`${key}.${at}`}>{piece.text}<rp>{t.ruby.open}</rp><rt>{piece.reading}</rt><rp>{t.ruby.close}</rp></ruby>));
}

/** The address of a link when it is one that we would open at all; null otherwise. */
export function safeLink(href: string): URL | null {
  if (!/^https?:\/\//i.test(href)) return null;
  try { return new URL(href); } catch { return null; }
}

/** Text with the host behind it. Pressing asks first; an address of another kind stays text. */
function OutLink({ href, follow, children }: { href: string; follow: (href: string) => void; children: ComponentChildren }) {
  const url = safeLink(href);
  if (!url) return <>{children}</>;
  return <button class="out" type="button" onClick={(event) => { event.stopPropagation(); follow(url.href); }}>{children}<span class="out__host">{t.hostOf(url.host)}</span></button>;
}

async function copyAndSay(text: string): Promise<void> {
  toast(await copyText(text) ? t.copied : t.notCopied);
}

function CodeBlock({ text, language }: { text: string; language: string }) {
  return (
    <figure class="code">
      <figcaption class="code__edge"><span>{language}</span><button class="tool" type="button" onClick={() => void copyAndSay(text)}><Icon name="copy" />{t.copy}</button></figcaption>
      <pre tabIndex={0}><code>{text}</code></pre>
    </figure>
  );
}

function TableBlock({ block, children }: { block: Block; children: ComponentChildren }) {
  return (
    <div>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t.table}><table class="answer-table">{children}</table></div>
      <div class="actions"><button class="tool" type="button" onClick={() => void copyAndSay(tableText(block))}><Icon name="copy" />{t.copyTable}</button><button class="tool" type="button" onClick={() => saveFile(t.tableFile, "text/csv", `\uFEFF${tableText(block, "csv")}`)}><Icon name="save" />{t.saveTable}</button></div>
    </div>
  );
}

/** A table as a spreadsheet takes it: tabs between cells, or CSV. A cell that a spreadsheet would compute is kept as text. */
export function tableText(table: Block, form: "tsv" | "csv" = "tsv"): string {
  const rows = table.children.flatMap((part) => part.children);
  const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  return rows.map((row) => row.children.map((cell) => {
    const text = cell.leaves.map((leaf) => leaf.text).join("").replace(/[\t\r\n]+/g, " ");
    const safe = /^[=+\-@]/.test(text) && !/^[+-]?[\d,.]+$/.test(text) ? `'${text}` : text;
    return form === "csv" ? quoted(safe) : safe;
  }).join(form === "csv" ? "," : "\t")).join(form === "csv" ? "\r\n" : "\n");
}
