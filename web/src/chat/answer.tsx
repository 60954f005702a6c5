import { useState } from "preact/hooks";
import type { Claim } from "../api/types";
import { session } from "../app/session";
import { plainText } from "../markdown/plain";
import { Markdown, type ClaimActions } from "../markdown/render";
import { errorNext, noticeWords, t, turnErrorWords } from "../text";
import { copyText } from "../ui/copy";
import { Icon } from "../ui/icons";
import { Banner, Dialog, LevelChip, ProgressRow, Status } from "../ui/parts";
import { toast } from "../ui/toast";
import { ExportDialog } from "./export_dialog";
import { NotFoundView } from "./not_found";
import { QuestionEdit } from "./question_edit";
import { RatingForm, RatingTools } from "./rating";
import { chosenBranch, panel } from "./store";
import { brokeOff, checkCounts, type Step, type TurnView } from "./turn_state";

/** What can be done with an answer: written anew, or gone on with. */
export interface AnswerActs { again: (turn: TurnView) => void; goOn: (turn: TurnView) => void }

/** A question and its answer. `acts` is null while another answer is being written. */
export function TurnPair({ step, acts }: { step: Step; acts: AnswerActs | null }) {
  return <><QuestionView step={step} canEdit={acts !== null} /><AnswerView turn={step.turn} acts={acts} /></>;
}

function QuestionView({ step, canEdit }: { step: Step; canEdit: boolean }) {
  const { turn, siblings, index } = step;
  const [editing, setEditing] = useState(false);
  const show = (next: number): void => { chosenBranch.value = new Map(chosenBranch.peek()).set(turn.parent_id ?? "", next); };
  return (
    <article class="turn turn--question" id={`t-${turn.id}`} aria-label={t.question}>
      <header class="turn__head">
        <h2 class="sr-only">{t.question}</h2><span class="sign" aria-hidden="true">{t.signs.question}</span>
        <span>{session.value?.user.display_name}</span><time>{t.time(turn.created_ms)}</time>
        <div class="turn__end">
          {siblings.length > 1 && (
            <div class="branch" role="group" aria-label={t.branch.label}>
              <button class="tool" type="button" disabled={index === 0} onClick={() => show(index - 1)}><Icon name="left" small /><span class="sr-only">{t.branch.before}</span></button>
              <span class="num">{index + 1} / {siblings.length}</span>
              <button class="tool" type="button" disabled={index === siblings.length - 1} onClick={() => show(index + 1)}><Icon name="right" small /><span class="sr-only">{t.branch.after}</span></button>
            </div>
          )}
          {canEdit && !editing && <button class="tool" type="button" onClick={() => setEditing(true)}><Icon name="pen" />{t.editQuestion}</button>}
        </div>
      </header>
      {editing ? <QuestionEdit turn={turn} onClose={() => setEditing(false)} /> : <div class="turn__body">{turn.question}</div>}
    </article>
  );
}

function AnswerView({ turn, acts }: { turn: TurnView; acts: AnswerActs | null }) {
  const [checkView, setCheckView] = useState(false);
  const [rating, setRating] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const open = panel.value?.turn === turn.id ? panel.value : null;
  const running = turn.state === "running";
  const [exporting, setExporting] = useState(false);
  const actions: ClaimActions = {
    selected: open && open.source !== null ? open.claim : -1,
    openSource: open?.source ?? null,
    choose: (claim, source) => {
      if (source === null) return;
      panel.value = { turn: turn.id, claim, source };
      requestAnimationFrame(() => keepInSight(claim));
    },
    follow: setLink,
  };
  return (
    <article class="turn turn--answer" aria-label={t.answer} aria-busy={running || undefined}>
      <header class="turn__head">
        <h2 class="sr-only">{t.answer}</h2><span class="sign sign--answer" aria-hidden="true">{t.signs.answer}</span>
        <span>{modelTitle(turn.model)}</span><time>{t.time(turn.created_ms)}</time>
        <div class="turn__end"><LevelChip value={turn.level} />{(turn.handling ?? []).map((name) => <span class="handling" key={name}>{name}</span>)}</div>
      </header>
      <div class="turn__body stack">
        {running && <Progress turn={turn} />}
        {turn.not_found
          ? <NotFoundView turn={turn} />
          : (turn.answer !== "" || !running) && <Markdown text={turn.answer} claims={turn.mode === "none" ? noClaims : turn.claims} actions={actions} caret={running && turn.waitingSeconds === null} checkView={checkView} />}
        {turn.notices.map((notice, index) => <Banner key={index} small kind="warn" title={noticeWords(notice)} />)}
        {!running && <Ending turn={turn} acts={acts} />}
        {!running && turn.state !== "failed" && <Colophon turn={turn} />}
        {!running && turn.answer !== "" && (
          <div class="actions">
            <button class="tool" type="button" onClick={() => void copyAnswer(turn, "text")}><Icon name="copy" />{t.copy}</button>
            <button class="tool" type="button" onClick={() => void copyAnswer(turn, "markdown")}><Icon name="copy" />{t.copyMarkdown}</button>
            {acts && turn.state !== "failed" && <button class="tool" type="button" onClick={() => acts.again(turn)}><Icon name="again" />{t.rewrite}</button>}
            {turn.mode !== "none" && turn.claims.length > 0 && <button class="tool" type="button" aria-pressed={checkView} onClick={() => setCheckView(!checkView)}><Icon name="inspect" />{t.inspect}</button>}
            <button class="tool" type="button" onClick={() => setExporting(true)}><Icon name="save" />{t.exports.act}</button>
            <RatingTools turn={turn} open={rating} setOpen={setRating} />
          </div>
        )}
        {!running && rating && <RatingForm turn={turn} onClose={() => setRating(false)} />}
      </div>
      {exporting && <ExportDialog title={turn.question.slice(0, 60)} level={turn.level} path={`/turns/${encodeURIComponent(turn.id)}`} onClose={() => setExporting(false)} />}
      {link !== null && <LinkDialog href={link} onClose={() => setLink(null)} />}
    </article>
  );
}

/** Without documents no sentence has a source, and the colophon says so once. */
const noClaims: Claim[] = [];

/** How an answer ended that did not end by itself, and what to do. */
function Ending({ turn, acts }: { turn: TurnView; acts: AnswerActs | null }) {
  const cut = brokeOff(turn);
  const goOn = cut && acts && <button class={turn.state === "failed" ? "btn btn--primary btn--s" : "btn btn--secondary btn--s"} type="button" onClick={() => acts.goOn(turn)}>{t.goOn}</button>;
  if (turn.state === "stopped") return <Banner small title={t.stopped.title} text={turn.answer === "" ? undefined : t.stopped.text}>{goOn}</Banner>;
  if (turn.state === "failed" && turn.error) {
    const nothing = turn.answer === "";
    return (
      <Banner kind="bad" title={nothing ? t.failed.nothing : t.failed.partly} text={[nothing ? "" : t.failed.kept, turnErrorWords(turn.error)].join("")} note={errorNext(turn.error)}>
        {goOn}
        {acts && <button class={cut ? "btn btn--secondary btn--s" : "btn btn--primary btn--s"} type="button" onClick={() => acts.again(turn)}>{t.failed.again}</button>}
      </Banner>
    );
  }
  return cut ? <Banner small kind="warn" title={t.cutOff}>{goOn}</Banner> : null;
}

/** Below 64rem the source is a sheet over the lower part: the sentence goes to the top of what stays visible. */
function keepInSight(claim: number): void {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  if (document.body.clientWidth >= 64 * rem) return;
  document.querySelector(`[data-claim="${claim}"][data-selected]`)?.scrollIntoView({ block: "start" });
}

function modelTitle(model: string): string {
  const known = session.value?.model;
  return model === "" || model === known?.name ? (known?.title ?? model) : model;
}

/** What goes on before and while the answer comes. */
function Progress({ turn }: { turn: TurnView }) {
  return <><Stage turn={turn} />{turn.slow && <p class="note" role="status">{t.progress.slow}</p>}</>;
}

function Stage({ turn }: { turn: TurnView }) {
  if (turn.queued) return <ProgressRow words={t.progress.queued} figures={t.progress.ahead(turn.queued.ahead, turn.queued.seconds)} max={1} value={1 / (turn.queued.ahead + 1)} label={t.progress.queued} />;
  if (turn.reading) {
    const { percent, doneTokens, totalTokens } = turn.reading;
    return <ProgressRow words={t.progress.reading(percent)} figures={totalTokens > 0 ? t.progress.tokens(doneTokens, totalTokens) : undefined} max={100} value={percent} label={t.progress.readingName} />;
  }
  if (turn.answer === "") return <p class="steps" role="status"><Status kind="busy">{turn.mode === "none" ? t.progress.thinking : turn.sources.length > 0 ? t.progress.found(turn.sources.length) : t.progress.searching}</Status></p>;
  return turn.sources.length > 0 ? <p class="steps"><Status kind="ok">{t.progress.read(turn.shelves.length, turn.sources.length)}</Status></p> : null;
}

function Colophon({ turn }: { turn: TurnView }) {
  const { supported, needsCheck } = checkCounts(turn);
  const because = turn.because_source;
  const level = session.value?.levels.find((one) => one.value === turn.level);
  const checked = turn.mode === "none" ? t.colophon.unused : turn.not_found ? t.colophon.notFound : t.colophon.counts(supported, needsCheck);
  return (
    <dl class="colophon">
      <div><dt>{t.colophon.check}</dt><dd>{checked}</dd></div>
      <div><dt>{t.colophon.model}</dt><dd>{modelTitle(turn.model)}</dd></div>
      <div><dt>{t.colophon.made}</dt><dd><time>{t.eraTime(turn.created_ms)}</time></dd></div>
      {level && <div><dt>{t.colophon.level}</dt><dd>{level.name}{because !== null && t.colophon.because(because)}{(turn.handling?.length ?? 0) > 0 && <>{t.comma}{t.shelves.handling}{t.colon}{t.join(turn.handling ?? [])}</>}</dd></div>}
    </dl>
  );
}

/** The model's own text, plain or as Markdown, with its sources behind it; never what the page happens to show. */
async function copyAnswer(turn: TurnView, as: "text" | "markdown"): Promise<void> {
  const answer = (as === "text" ? plainText(turn.answer) : turn.answer).trimEnd();
  const sources = turn.not_found ? [] : turn.sources.map((source) => t.sourceLine(source.number, source.document_name, source.path, source.page));
  const list = sources.map((source) => (as === "text" ? source : `- ${source}`));
  const text = list.length === 0 ? answer : `${answer}\n\n${list.join("\n")}`;
  toast(await copyText(text) ? t.copied : t.notCopied);
}

function LinkDialog({ href, onClose }: { href: string; onClose: () => void }) {
  return (
    <Dialog title={t.link.title} onClose={onClose}>
      <p class="dialog__text">{t.link.text}</p>
      <p class="dialog__text mono">{href}</p>
      <div class="dialog__acts">
        <button class="btn btn--secondary" type="button" autofocus onClick={onClose}>{t.cancel}</button>
        <button class="btn btn--primary" type="button" onClick={() => { window.open(href, "_blank", "noopener,noreferrer"); onClose(); }}>{t.link.open}</button>
      </div>
    </Dialog>
  );
}
