import { useState } from "preact/hooks";
import { session } from "../app/session";
import { Markdown, type ClaimActions } from "../markdown/render";
import { errorNext, errorWords, noticeWords, t } from "../text_ja";
import { copyText } from "../ui/copy";
import { Icon } from "../ui/icons";
import { Banner, Dialog, LevelChip, ProgressRow, Status } from "../ui/parts";
import { toast } from "../ui/toast";
import { NotFoundView } from "./not_found";
import { chosenBranch, panel, putInComposer } from "./store";
import { checkCounts, type Step, type TurnView } from "./turn_state";

/** A question and its answer. `again` answers the same question once more. */
export function TurnPair({ step, again }: { step: Step; again: ((turn: TurnView) => void) | null }) {
  return <><QuestionView step={step} canEdit={again !== null} /><AnswerView turn={step.turn} again={again} /></>;
}

function QuestionView({ step, canEdit }: { step: Step; canEdit: boolean }) {
  const { turn, siblings, index } = step;
  const show = (next: number): void => { chosenBranch.value = new Map(chosenBranch.peek()).set(turn.parent_id ?? "", next); };
  return (
    <article class="turn turn--question" aria-label={t.question}>
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
          {canEdit && <button class="tool" type="button" onClick={() => putInComposer(turn.question)}><Icon name="pen" />{t.editQuestion}</button>}
        </div>
      </header>
      <div class="turn__body">{turn.question}</div>
    </article>
  );
}

function AnswerView({ turn, again }: { turn: TurnView; again: ((turn: TurnView) => void) | null }) {
  const [checkView, setCheckView] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const open = panel.value?.turn === turn.id ? panel.value : null;
  const running = turn.state === "running";
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
        <div class="turn__end"><LevelChip value={turn.level} /></div>
      </header>
      <div class="turn__body stack">
        {running && <Progress turn={turn} />}
        {turn.not_found
          ? <NotFoundView turn={turn} />
          : (turn.answer !== "" || !running) && <Markdown text={turn.answer} claims={turn.claims} actions={actions} caret={running && turn.waitingSeconds === null} checkView={checkView} />}
        {turn.notices.map((notice, index) => <Banner key={index} small kind="warn" title={noticeWords(notice)} />)}
        {turn.state === "stopped" && <Banner small title={t.stopped.title} text={t.stopped.text} />}
        {turn.state === "failed" && turn.error && (
          <Banner kind="bad" title={turn.answer === "" ? t.failed.nothing : t.failed.partly} text={[turn.answer === "" ? "" : t.failed.kept, errorWords(turn.error)].join("")} note={errorNext(turn.error)}>
            {again && <button class="btn btn--primary btn--s" type="button" onClick={() => again(turn)}>{t.failed.again}</button>}
          </Banner>
        )}
        {!running && turn.state !== "failed" && <Colophon turn={turn} />}
        {!running && turn.answer !== "" && (
          <div class="actions">
            <button class="tool" type="button" onClick={() => void copyAnswer(turn)}><Icon name="copy" />{t.copy}</button>
            {again && turn.state !== "failed" && <button class="tool" type="button" onClick={() => again(turn)}><Icon name="again" />{t.rewrite}</button>}
            {turn.claims.length > 0 && <button class="tool" type="button" aria-pressed={checkView} onClick={() => setCheckView(!checkView)}><Icon name="inspect" />{t.inspect}</button>}
          </div>
        )}
      </div>
      {link !== null && <LinkDialog href={link} onClose={() => setLink(null)} />}
    </article>
  );
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
  const because = turn.label?.becauseSource ?? null;
  const level = session.value?.levels.find((one) => one.value === turn.level);
  const checked = turn.mode === "none" ? t.colophon.unused : turn.not_found ? t.colophon.notFound : t.colophon.counts(supported, needsCheck);
  return (
    <dl class="colophon">
      <div><dt>{t.colophon.check}</dt><dd>{checked}</dd></div>
      <div><dt>{t.colophon.model}</dt><dd>{modelTitle(turn.model)}</dd></div>
      <div><dt>{t.colophon.made}</dt><dd><time>{t.eraTime(turn.created_ms)}</time></dd></div>
      {level && <div><dt>{t.colophon.level}</dt><dd>{level.name}{because !== null && t.colophon.because(because)}</dd></div>}
    </dl>
  );
}

/** The model's own text with its sources behind it; never what the page happens to show. */
async function copyAnswer(turn: TurnView): Promise<void> {
  const sources = turn.not_found ? [] : turn.sources.map((source) => t.sourceLine(source.number, source.document_name, source.path, source.page));
  const text = sources.length === 0 ? turn.answer : `${turn.answer.trimEnd()}\n\n${sources.join("\n")}`;
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
