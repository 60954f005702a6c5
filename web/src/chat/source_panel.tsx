import { useEffect, useRef } from "preact/hooks";
import type { Claim, Source } from "../api/types";
import { pattern, t } from "../text";
import { copyText } from "../ui/copy";
import { Icon } from "../ui/icons";
import { LevelChip, OcrMark, tabKeys } from "../ui/parts";
import { toast } from "../ui/toast";
import { hitLines, termsOf, type Piece } from "./hit";
import { PageImage } from "./page_image";
import { panel } from "./store";
import type { TurnView } from "./turn_state";

/** The column beside the answer: the sources at rest, or one passage with what stands behind the chosen sentence marked. */
export function SourcePanel({ turn }: { turn: TurnView | null }) {
  const open = panel.value;
  const sources = turn?.sources ?? [];
  const near = turn?.not_found != null;
  const shown = near && turn?.not_found ? sources.filter((source) => turn.not_found?.nearest.includes(source.number)) : sources;
  const source = shown.find((one) => one.number === open?.source) ?? null;
  const claim = turn && open ? (turn.claims[open.claim] ?? null) : null;
  const title = near ? t.sources.near : t.sources.title;
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => showHit(body.current), [source?.number, claim?.start]);

  const toList = (): void => {
    const mark = document.querySelector<HTMLElement>('.mark[aria-expanded="true"]');
    if (open) panel.value = { ...open, claim: -1, source: null };
    mark?.focus();
  };
  return (
    <aside class="panel" aria-label={title} id="source" onKeyDown={(event) => { if (event.key === "Escape") toList(); }}>
      <div class="panel__head">
        <h2>{title}</h2>{shown.length > 0 && <span class="note">{t.sources.count(shown.length)}</span>}
        {source && <button class="tool dock-only" type="button" onClick={toList}><Icon name="menu" small />{t.sources.list}</button>}
        {source && <button class="tool sheet-only" type="button" onClick={toList}><Icon name="close" small />{t.close}</button>}
      </div>
      {source && turn && open ? (
        <>
          <SourceTabs sources={shown} chosen={source.number} title={title} choose={(number) => { panel.value = { turn: turn.id, claim: claim?.sources.includes(number) ? open.claim : -1, source: number }; }} />
          <div class="panel__body" role="tabpanel" id="passage" aria-label={t.sources.numbered(title, source.number)} tabIndex={0} ref={body}>
            <PassageView source={source} turn={turn} claim={claim} />
          </div>
        </>
      ) : (
        <div class="panel__body"><SourceList sources={shown} turn={turn} /></div>
      )}
    </aside>
  );
}

/** Scrolls the column alone: the page stays where it is. */
function showHit(body: HTMLElement | null): void {
  const hit = body?.querySelector(".hit")?.getBoundingClientRect();
  const column = body?.closest(".panel");
  const box = column?.getBoundingClientRect();
  if (!hit || !column || !box) return;
  if (hit.top < box.top || hit.bottom > box.bottom) column.scrollTop += hit.top - box.top - box.height / 3;
}

function SourceList({ sources, turn }: { sources: Source[]; turn: TurnView | null }) {
  if (sources.length === 0) return <p class="note">{turn?.mode === "none" ? t.sources.unused : turn?.state === "running" ? t.sources.coming : t.sources.empty}</p>;
  return (
    <ol class="sources">
      {sources.map((source) => (
        <li key={source.number}>
          <button class="source" type="button" onClick={() => { if (turn) panel.value = { turn: turn.id, claim: -1, source: source.number }; }}>
            <span class="source__no"><span class="sr-only">{t.source}</span>{source.number}</span>
            <span>
              <span class="source__name">{source.document_name}</span>
              <span class="source__place"><span>{placeWords(source)}</span><LevelChip value={source.level} /></span>
              <OcrMark value={source.ocr} />
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function SourceTabs({ sources, chosen, title, choose }: { sources: Source[]; chosen: number; title: string; choose: (number: number) => void }) {
  const to = (index: number): void => { const next = sources[index]; if (next) choose(next.number); };
  return (
    <div class="source-tabs" role="tablist" aria-label={t.sources.numbers(title)}>
      {sources.map((source, index) => (
        <button class="source-tab" role="tab" type="button" key={source.number} aria-selected={source.number === chosen} aria-controls={source.number === chosen ? "passage" : undefined}
          tabIndex={source.number === chosen ? 0 : -1} onClick={() => choose(source.number)} onKeyDown={(event) => tabKeys(event, index, sources.length, to)}>
          <span class="sr-only">{title}</span>{source.number}
        </button>
      ))}
    </div>
  );
}

export function placeWords(source: Pick<Source, "page" | "path">): string {
  return [source.path, t.pageNumber(source.page, source.path)].filter(Boolean).join(t.gap);
}

function PassageView({ source, turn, claim }: { source: Source; turn: TurnView; claim: Claim | null }) {
  const sentence = claim ? turn.answer.slice(claim.start, claim.end) : turn.question;
  const lines = hitLines(source.text, sentence);
  const terms = claim ? [] : termsOf(turn.question);
  const matched = claim ? claim.matched : terms.filter((term) => source.text.normalize("NFKC").includes(term));
  const missing = claim ? claim.missing : turn.not_found ? terms.filter((term) => !matched.includes(term)) : [];
  const quote = async (): Promise<void> => {
    const text = lines.map((line) => line.map((piece) => piece.text).join("")).join("\n");
    toast(await copyText(t.sources.quoted(text, source.document_name, placeWords(source))) ? t.copied : t.notCopied);
  };
  return (
    <>
      <h3 class="doc-title">{source.document_name}</h3>
      <p class="doc-meta"><LevelChip value={source.level} /><span>{t.sources.shelf(source.shelf_name)}</span><OcrMark value={source.ocr} /></p>
      <div class="paper" lang="ja">
        <div class="paper__edge"><span>{source.path}</span><span class="num">{t.pageNumber(source.page, source.path)}</span></div>
        <div class="paper__text">{lines.map((line, index) => <PaperLine key={index} line={line} />)}</div>
      </div>
      <PageImage of={source} />
      {(matched.length > 0 || missing.length > 0) && (
        <dl class="match">
          {matched.length > 0 && <div><dt>{t.sources.matched}</dt><dd><Words words={matched} /></dd></div>}
          {missing.length > 0 && <div><dt class="differs">{turn.not_found ? t.sources.missingHere : t.sources.missing}</dt><dd><Words words={missing} differs /></dd></div>}
        </dl>
      )}
      <div class="row-acts">
        <a class="btn btn--secondary btn--s" href={`/documents/${encodeURIComponent(source.document_id)}?passage=${encodeURIComponent(source.passage_id)}`}>{t.sources.openDocument}</a>
        <button class="tool" type="button" onClick={() => void quote()}><Icon name="copy" />{t.sources.copyQuote}</button>
      </div>
    </>
  );
}

function Words({ words, differs }: { words: string[]; differs?: boolean }) {
  return <>{words.map((word, index) => <span key={index}>{index > 0 && t.comma}<b class={differs ? "differs" : undefined}>{word}</b></span>)}</>;
}

/** A line of a passage; articles hang by one character, as statutes are printed. */
export function PaperLine({ line, plain = false }: { line: Piece[]; plain?: boolean }) {
  const text = line.map((piece) => piece.text).join("");
  const kind = pattern.articleTitle.test(text) ? "article--title" : pattern.article.test(text) ? "article" : "";
  const around = !plain && line.every((piece) => !piece.hit);
  return <p class={[kind, around ? "around" : ""].filter(Boolean).join(" ") || undefined}>{line.map((piece, index) => (piece.hit ? <mark class="hit" key={index}>{piece.text}</mark> : piece.text))}</p>;
}
