import { useEffect, useRef, useState } from "preact/hooks";
import { asApiError, get, post } from "../api/client";
import type { AuditEntry, Opening, OpenedContent, Openings as Found } from "../api/types";
import { levels } from "../app/session";
import { errorWords, t } from "../text";
import { useLoad } from "../ui/load";
import { LevelChip, Status } from "../ui/parts";
import { TextField } from "../ui/text_input";
import { toast } from "../ui/toast";

/** Whether the words behind an Entry are sealed beside the log. */
export function sealsContent(entry: AuditEntry): boolean {
  const facts = entry.details.facts;
  return typeof facts === "object" && facts !== null && "content" in facts;
}

/** Asks to read what one Entry seals, with a reason. */
export function AskOpening({ sequence }: { sequence: number }) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string | null>(null);
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    if ([...reason.trim()].length < 4) { setError(t.openings.reasonMissing); return; }
    try {
      await post("/audit/openings", { sequence, reason: reason.trim() });
      setReason("");
      setError(null);
      toast(t.openings.asked);
      window.dispatchEvent(new Event(askedEvent));
    } catch (cause) {
      setError(errorWords(asApiError(cause)));
    }
  };
  return (
    <form class="one-field" noValidate onSubmit={(event) => void ask(event)}>
      <TextField small title={t.openings.reason} hint={t.openings.reasonHint} value={reason} onText={setReason} error={error} />
      <button class="btn btn--secondary btn--s" type="submit">{t.openings.ask}</button>
    </form>
  );
}

const askedEvent = "sekisho:asked";

/** Who asked to read sealed words, for another person to agree, and for the one who asked to read. Nothing where nobody asked. */
export function Openings() {
  const found = useLoad("openings", (signal) => get<Found>("/audit/openings", { signal }));
  useReload(() => void found.reload());
  const [opened, setOpened] = useState<{ id: string; content: OpenedContent } | null>(null);
  const act = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      toast(errorWords(asApiError(cause)));
    }
    await found.reload();
  };
  const approve = (one: Opening) => act(async () => { await post(`/audit/openings/${one.id}/approve`); toast(t.openings.approved); });
  const read = (one: Opening) => act(async () => setOpened({ id: one.id, content: await post<OpenedContent>(`/audit/openings/${one.id}/read`) }));
  const items = found.data?.items ?? [];
  if (items.length === 0) return null;
  const now = found.data?.now_ms ?? 0;
  return (
    <section class="section" aria-labelledby="openings">
      <h2 class="section__title" id="openings">{t.openings.title}</h2>
      <p class="note">{t.openings.lead}</p>
      <ul class="verdicts">
        {items.map((one) => {
          const over = one.ends_ms <= now;
          const level = levels.value.find((each) => each.name === one.level);
          return (
            <li class="verdict" key={one.id}>
              <div><Status kind={over ? "bad" : one.approved_by ? "ok" : "warn"}>{over ? t.openings.over : one.approved_by ? t.openings.agreed : t.openings.waiting}</Status></div>
              <div>
                <h3 class="verdict__name">{t.openings.of(one.sequence, one.asked_by)} {level && <LevelChip value={level.value} />}</h3>
                <p class="verdict__text">{one.reason}</p>
                <p class="note">{one.approved_by ? t.openings.by(one.approved_by) : ""} {t.openings.until(t.eraTime(one.ends_ms))}</p>
                {!over && !one.own && !one.approved_by && <button class="btn btn--primary btn--s" type="button" onClick={() => void approve(one)}>{t.openings.approve}</button>}
                {!over && one.own && one.approved_by && <button class="btn btn--primary btn--s" type="button" onClick={() => void read(one)}>{t.openings.read}</button>}
                {opened?.id === one.id && <Content content={opened.content} close={() => setOpened(null)} />}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Content({ content, close }: { content: OpenedContent; close: () => void }) {
  return (
    <div class="opened">
      <h4>{t.openings.question}</h4><p class="verdict__text entry__facts">{content.question}</p>
      <h4>{t.openings.answer}</h4><p class="verdict__text entry__facts">{content.answer}</p>
      {content.sources.map((source) => (
        <div key={source.number}><h4>{t.openings.source(source.number, source.document_name)}</h4><p class="verdict__text entry__facts">{source.text}</p></div>
      ))}
      <button class="btn btn--plain btn--s" type="button" onClick={close}>{t.openings.close}</button>
    </div>
  );
}

function useReload(reload: () => void): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => {
    const run = (): void => latest.current();
    window.addEventListener(askedEvent, run);
    return () => window.removeEventListener(askedEvent, run);
  }, []);
}
