import { useState } from "preact/hooks";
import { asApiError, get, post, query } from "../api/client";
import type { AuditEntry, AuditPage as Entries, AuditReport } from "../api/types";
import { levels } from "../app/session";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { dayOf } from "../text/calendar";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Banner, Choices, LevelChip, ListState, Status } from "../ui/parts";
import { TextField } from "../ui/text_input";
import { toast } from "../ui/toast";
import { AskOpening, Openings, sealsContent } from "./openings";

type Outcome = "" | "allowed" | "denied" | "done" | "failed";
interface Filter { kind: string; actor: string; outcome: Outcome; day: string }
const everything: Filter = { kind: "", actor: "", outcome: "", day: "" };

/** All of an entry that has no column of its own. */
const facts = (entry: AuditEntry): string => [entry.kind, ...entry.subjects, JSON.stringify(entry.details), entry.hash].join("\n");

/** The record that nobody can edit: who did what of which label, and whether the chain is whole. */
export function AuditPage() {
  const [written, setWritten] = useState<Filter>(everything);
  const [filter, setFilter] = useState<Filter>(everything);
  const [before, setBefore] = useState<number[]>([]);
  const day = dayOf(filter.day);
  const wanted = { kind: filter.kind, actor: filter.actor, outcome: filter.outcome, from: day?.from, to: day?.to };
  const address = `/audit/entries${query({ limit: 50, ...wanted, before: before[before.length - 1] })}`;
  const found = useLoad(address, (signal) => get<Entries>(address, { signal }));
  const items = found.data?.items ?? [];
  const apply = (next: Filter): void => { setWritten(next); setFilter(next); setBefore([]); };
  const wrongDay = written.day.trim() !== "" && dayOf(written.day) === null;
  return (
    <Shell room="audit" title={t.audit.title}>
      <div class="main__pad">
        <div class="page-head"><h1>{t.audit.title}</h1><p class="page-head__lead">{t.audit.lead}</p></div>
        <Verify />
        <Openings />
        <form class="filters" aria-label={t.audit.filter} onSubmit={(event) => { event.preventDefault(); if (!wrongDay) apply(written); }}>
          <TextField small title={t.audit.day} hint={t.audit.dayHint} value={written.day} error={wrongDay ? t.audit.dayWrong : null} onText={(text) => setWritten({ ...written, day: text })} />
          <TextField small title={t.audit.who} hint={t.audit.whoHint} value={written.actor} onText={(text) => setWritten({ ...written, actor: text })} />
          <TextField small title={t.audit.kind} hint={t.audit.kindHint} value={written.kind} onText={(text) => setWritten({ ...written, kind: text })} />
          <Choices<Outcome> name="outcome" legend={t.audit.outcome} value={written.outcome} onChoice={(outcome) => setWritten({ ...written, outcome })}
            choices={(["", "allowed", "denied", "done", "failed"] as const).map((value) => ({ value, title: t.audit.outcomes[value] }))} />
          <div class="filters__acts">
            <button class="btn btn--primary btn--s" type="submit">{t.audit.apply}</button>
            <button class="btn btn--plain btn--s" type="button" onClick={() => apply(everything)}>{t.audit.reset}</button>
          </div>
        </form>
        <ListState loading={found.loading} error={found.error && errorWords(found.error)} empty={found.data !== null && items.length === 0 && t.audit.empty} retry={() => void found.reload()} />
        {items.length > 0 && <EntryTable items={items} />}
        {items.length > 0 && (
          <p class="row">
            <span class="note">{t.audit.take}</span>
            {(["csv", "csv-cp932", "jsonl"] as const).map((form) => (
              <a key={form} class="btn btn--plain btn--s" href={`/api/v1/audit/export${query({ form, ...wanted })}`} download>{t.audit.forms[form]}</a>
            ))}
          </p>
        )}
        <div class="row">
          {before.length > 0 && <button class="btn btn--secondary btn--s" type="button" onClick={() => setBefore(before.slice(0, -1))}>{t.audit.newer}</button>}
          {found.data?.next != null && <button class="btn btn--secondary btn--s" type="button" onClick={() => setBefore([...before, found.data?.next ?? 0])}>{t.audit.older}</button>}
        </div>
      </div>
    </Shell>
  );
}

function EntryTable({ items }: { items: AuditEntry[] }) {
  const heads = t.audit.heads;
  return (
    <table class="table table--fold table--dense" role="table">
      <caption class="sr-only">{t.audit.list}</caption>
      <thead role="rowgroup"><tr role="row">{[heads.number, heads.time, heads.who, heads.kind, heads.level, heads.outcome].map((head) => <th key={head} scope="col" role="columnheader">{head}</th>)}</tr></thead>
      <tbody role="rowgroup">
        {items.map((entry) => {
          const level = levels.value.find((one) => one.name === entry.level);
          const good = entry.outcome === "allowed" || entry.outcome === "done";
          return (
            <tr role="row" key={entry.sequence}>
              <td role="cell" data-head={heads.number} class="mono is-tight">{entry.sequence}</td>
              <td role="cell" data-head={heads.time} class="is-tight num">{t.eraTime(entry.time_ms)}</td>
              <td role="cell" data-head={heads.who}>{entry.actor_name || t.audit.nobody}</td>
              <td role="cell" data-head={heads.kind}><details class="entry"><summary>{t.audit.kindOf(entry.kind)}</summary><p class="note mono entry__facts">{facts(entry)}</p>{sealsContent(entry) && <AskOpening sequence={entry.sequence} />}</details></td>
              <td role="cell" data-head={heads.level}>{level && <LevelChip value={level.value} />}</td>
              <td role="cell" data-head={heads.outcome} class="is-tight"><Status kind={good ? "ok" : "bad"}>{t.audit.outcomes[entry.outcome]}</Status></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Verify() {
  const [report, setReport] = useState<AuditReport | null>(null);
  const [busy, setBusy] = useState(false);
  const verify = async (): Promise<void> => {
    setBusy(true);
    try {
      setReport(await post<AuditReport>("/audit/verify"));
    } catch (cause) {
      toast(errorWords(asApiError(cause)));
    }
    setBusy(false);
  };
  const button = <button class="btn btn--secondary btn--s" type="button" aria-disabled={busy || undefined} onClick={() => { if (!busy) void verify(); }}><Icon name="inspect" small />{busy ? t.audit.verifying : t.audit.verify}</button>;
  if (!report) return <p class="audit__verify">{button}</p>;
  if (report.broken) return <Banner kind="bad" title={t.audit.broken(report.broken.sequence, report.broken.file)} text={t.audit.brokenText(report.broken.file, report.broken.line)}>{button}</Banner>;
  return <Banner kind="ok" title={t.audit.whole} text={t.audit.wholeText(report.entries, report.checkpoints, report.covered)} note={<span class="mono">{report.head}</span>}>{button}</Banner>;
}
