import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { welcomed } from "../app/preferences";
import { go, place } from "../app/router";
import { Shell } from "../app/shell";
import { scope } from "../library/shelves";
import { errorNext, errorWords, t } from "../text";
import { Icon } from "../ui/icons";
import { Banner, LevelChip } from "../ui/parts";
import { TurnPair, type AnswerActs } from "./answer";
import { Coming } from "./coming";
import { Composer } from "./composer";
import { RenameDialog } from "./conversation_dialogs";
import { ConversationMenu, LongTalk } from "./conversation_menu";
import { ConversationSide } from "./conversation_side";
import { rowOf } from "./conversations";
import { First, Welcome } from "./first";
import { SourcePanel } from "./source_panel";
import { answering, ask, chosenBranch, current, leave, lookAgain, openConversation, opening, panel, spoken } from "./store";
import { pathOf, type Step, type TurnView } from "./turn_state";

/** So many turns are drawn; those above them when somebody scrolls there. */
const turnsAtOnce = 30;

/** Questions and answers; `id` is "" for a conversation that has not begun. */
export function ChatPage({ id }: { id: string }) {
  useEffect(() => {
    if (id !== "") void openConversation(id);
    else if (current.peek().id !== "" || opening.peek() !== null) leave();
  }, [id]);
  useEffect(() => {
    const look = (): void => { if (document.visibilityState === "visible") void lookAgain(); };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  const view = current.value;
  const steps = pathOf(view.turns, chosenBranch.value);
  const fresh = id === "" && view.turns.length === 0;
  const shared = { room: "ask" as const, side: <ConversationSide />, sideLabel: t.history.list };

  if (fresh) {
    return (
      <Shell {...shared} title={t.newQuestion} mainClass="first" panel={welcomed.value === "no" ? <Welcome /> : undefined}>
        <First />
        <Composer id="" first />
      </Shell>
    );
  }
  const failure = opening.value?.id === id ? opening.value.error : null;
  if (failure) {
    return (
      <Shell {...shared} title={t.question}>
        <div class="main__pad"><h1 class="sr-only">{t.question}</h1><Banner kind="bad" title={failure.code === "denied" ? t.history.gone : errorWords(failure)} note={errorNext(failure)}><a class="btn btn--secondary btn--s" href="/questions">{t.history.all}</a></Banner></div>
      </Shell>
    );
  }
  const title = view.title || steps[0]?.turn.question.slice(0, 40) || t.question;
  const shownTurn = view.turns.find((turn) => turn.id === panel.value?.turn) ?? steps[steps.length - 1]?.turn ?? null;
  return (
    <Shell {...shared} title={title} strip={<Connection turn={steps[steps.length - 1]?.turn ?? null} />}
      panel={<SourcePanel turn={shownTurn} />} panelState={panel.value?.source != null ? "open" : "list"}>
      <TalkHead id={view.id} title={title} level={view.level} />
      <Talk steps={steps} />
      <Composer id={view.id} first={false} />
      <p class="sr-only" role="log" aria-live="polite">{spoken.value}</p>
    </Shell>
  );
}

function TalkHead({ id, title, level }: { id: string; title: string; level: number }) {
  const [renaming, setRenaming] = useState(false);
  const row = rowOf(id);
  return (
    <div class="talk-head">
      <div class="talk__column talk-head__line">
        <h1>{title}</h1>
        <LevelChip value={level} />
        {id !== "" && (
          <div class="talk-head__end">
            <button class="tool" type="button" onClick={() => setRenaming(true)}><Icon name="pen" />{t.history.rename}</button>
            {row && <ConversationMenu of={row} rename={false} onGone={() => go("/")} />}
          </div>
        )}
      </div>
      {renaming && <RenameDialog of={{ id, title }} onClose={() => setRenaming(false)} />}
    </div>
  );
}

function Talk({ steps }: { steps: Step[] }) {
  useFollow(steps);
  const beside = (as: "regenerate_of" | "continue_of") => (turn: TurnView): void => {
    void ask({ question: turn.question, mode: turn.mode, shelves: turn.shelves.length > 0 ? turn.shelves : (scope.peek().shelves ?? []), beside: { turn, as } });
  };
  const acts: AnswerActs | null = answering.value ? null : { again: beside("regenerate_of"), goOn: beside("continue_of") };
  const [most, setMost] = useState(turnsAtOnce);
  const first = Math.max(0, steps.length - most);
  const more = useRef<HTMLParagraphElement>(null);
  // What is above is drawn when somebody comes near it, and what is on the screen stays where it is.
  useEffect(() => {
    if (!more.current) return;
    const near = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      const below = document.documentElement.scrollHeight - window.scrollY;
      setMost(most + turnsAtOnce);
      requestAnimationFrame(() => window.scrollTo(0, document.documentElement.scrollHeight - below));
    }, { rootMargin: "200px" });
    near.observe(more.current);
    return () => near.disconnect();
  }, [first > 0, most]);
  const wanted = place.value.search.get("turn");
  const wantedAt = wanted === null ? -1 : steps.findIndex((step) => step.turn.id === wanted);
  const wantedThere = wantedAt >= first && steps[wantedAt]?.turn.unloaded !== true;
  useEffect(() => {
    if (wantedAt >= 0 && wantedAt < first) setMost(steps.length - Math.max(0, wantedAt - 2));
    else if (wantedAt >= first) document.getElementById(`t-${wanted}`)?.scrollIntoView({ block: "start" });
  }, [wanted, wantedAt >= 0, wantedAt >= first, wantedThere]);
  // A conversation of several turns opens at the last of them.
  const opened = useRef("");
  useLayoutEffect(() => {
    const id = current.peek().id;
    if (opened.current === id || opening.value !== null || steps.length === 0) return;
    opened.current = id;
    if (wanted === null && steps.length > 1 && !answering.peek()) document.getElementById(`t-${steps[steps.length - 1]?.turn.id}`)?.scrollIntoView({ block: "start" });
  }, [steps]);
  return (
    <div class="talk">
      <div class="talk__column">
        {opening.value && <p class="note" role="status">{t.loading}</p>}
        {first > 0 && <p class="talk__more" ref={more}><button class="tool" type="button" onClick={() => setMost(most + turnsAtOnce)}>{t.earlier(first)}</button></p>}
        {steps.slice(first).map((step, index) => step.turn.unloaded ? <Coming id={step.turn.id} key={first + index} /> : <TurnPair key={first + index} step={step} acts={acts} />)}
        {!answering.value && <LongTalk id={current.value.id} turns={steps.length} leftOut={steps[steps.length - 1]?.turn.notices.some((notice) => notice.code === "history_left_out") ?? false} />}
      </div>
    </div>
  );
}

/** Keeps the end of the page in view while text comes, but only for a person who was there already. */
function useFollow(steps: Step[]): void {
  const atEnd = useRef(true);
  const count = useRef(0);
  const wasAnswering = useRef(false);
  useEffect(() => {
    const look = (): void => { atEnd.current = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 64; };
    window.addEventListener("scroll", look, { passive: true });
    return () => window.removeEventListener("scroll", look);
  }, []);
  useLayoutEffect(() => {
    const asked = steps.length > count.current;
    count.current = steps.length;
    const moving = answering.peek() || wasAnswering.current;
    wasAnswering.current = answering.peek();
    if (steps[steps.length - 1]?.turn.not_found && !asked) return; // Its beginning is what matters.
    if (moving && (asked || atEnd.current)) window.scrollTo(0, document.documentElement.scrollHeight);
  }, [steps]);
}

function Connection({ turn }: { turn: TurnView | null }) {
  if (!turn || turn.waitingSeconds === null) return null;
  return (
    <div class="banner banner--strip" data-kind="warn" role="status">
      <Icon name="warn" /><p class="banner__line"><b>{t.errors.offline}</b><span>{t.retrySoon(turn.waitingSeconds)}</span></p>
    </div>
  );
}
