import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { welcomed } from "../app/preferences";
import { go } from "../app/router";
import { Shell } from "../app/shell";
import { scope } from "../library/shelves";
import { errorNext, errorWords, t } from "../text_ja";
import { Icon } from "../ui/icons";
import { Banner, LevelChip } from "../ui/parts";
import { toast } from "../ui/toast";
import { TurnPair } from "./answer";
import { Composer } from "./composer";
import { DeleteDialog, RenameDialog } from "./conversation_dialogs";
import { ConversationSide } from "./conversation_side";
import { First, Welcome } from "./first";
import { SourcePanel } from "./source_panel";
import { answering, ask, chosenBranch, current, leave, openConversation, opening, panel, spoken } from "./store";
import { pathOf, type Step, type TurnView } from "./turn_state";

/** Questions and answers; `id` is "" for a conversation that has not begun. */
export function ChatPage({ id }: { id: string }) {
  useEffect(() => {
    if (id !== "") void openConversation(id);
    else if (current.peek().id !== "" || opening.peek() !== null) leave();
  }, [id]);
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
  const [asking, setAsking] = useState<"rename" | "delete" | null>(null);
  return (
    <div class="talk-head">
      <div class="talk__column talk-head__line">
        <h1>{title}</h1>
        <LevelChip value={level} />
        {id !== "" && (
          <div class="talk-head__end">
            <button class="tool" type="button" onClick={() => setAsking("rename")}><Icon name="pen" />{t.history.rename}</button>
            <button class="tool" type="button" onClick={() => setAsking("delete")}><Icon name="bin" />{t.delete}</button>
          </div>
        )}
      </div>
      {asking === "rename" && <RenameDialog of={{ id, title }} onClose={() => setAsking(null)} />}
      {asking === "delete" && <DeleteDialog of={{ id, title }} onClose={() => setAsking(null)} onDone={() => { setAsking(null); go("/"); toast(t.history.deleted); }} />}
    </div>
  );
}

function Talk({ steps }: { steps: Step[] }) {
  useFollow(steps);
  const again = answering.value ? null : (turn: TurnView): void => {
    void ask({ question: turn.question, mode: turn.mode, shelves: turn.shelves.length > 0 ? turn.shelves : (scope.peek().shelves ?? []), regenerateOf: turn });
  };
  return (
    <div class="talk">
      <div class="talk__column">
        {opening.value && <p class="note" role="status">{t.loading}</p>}
        {steps.map((step, index) => <TurnPair key={index} step={step} again={again} />)}
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
