import { useEffect, useState } from "preact/hooks";
import { asApiError, get, post, type ApiError } from "../api/client";
import type { Model, ModelDesk, ModelJob } from "../api/types";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { useLoad } from "../ui/load";
import { Banner, ListState, ProgressRow, Status } from "../ui/parts";
import { toast } from "../ui/toast";
import { AdminSide } from "./admin_side";

const lookEveryMs = 1000;
type Act = "fetch" | "verify" | "choose";

/** The models of the catalog and those that the office added: fetch, verify, choose. */
export function ModelsPage() {
  const desk = useLoad("models", (signal) => get<ModelDesk>("/admin/models", { signal }));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const items = desk.data?.items ?? [];
  const job = desk.data?.job ?? null;
  useEffect(() => {
    if (job?.state !== "running") return;
    const timer = setTimeout(() => void desk.reload(), lookEveryMs);
    return () => clearTimeout(timer);
  }, [desk.data]);
  const act = async (what: Act, model: Model): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      desk.set(await post<ModelDesk>(`/admin/models/${what}`, { name: model.name }));
      if (what === "choose") toast(t.models.chosenNow(model.title || model.name));
    } catch (cause) {
      setFailure(asApiError(cause));
    }
    setBusy(false);
  };
  return (
    <Shell room="admin" title={t.admin.pages.models} side={<AdminSide here="models" />} sideLabel={t.nav.admin}>
      <div class="main__pad">
        <div class="page-head"><h1>{t.admin.pages.models}</h1><p class="page-head__lead">{t.models.lead}</p></div>
        {failure && <div class="models__said"><Banner small kind="bad" title={failure.code === "conflict" ? t.models.busy : errorWords(failure)} /></div>}
        {job && <div class="models__said"><JobState job={job} title={titleOf(items, job.name)} /></div>}
        <ListState loading={desk.loading} error={desk.error && errorWords(desk.error)} empty={desk.data !== null && items.length === 0 && t.models.empty} retry={() => void desk.reload()} />
        {desk.data && items.length > 0 && (
          <table class="table table--fold table--models" role="table">
            <caption class="sr-only">{t.models.list}</caption>
            <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">{t.admin.pages.models}</th><th scope="col" role="columnheader">{t.state}</th><th scope="col" role="columnheader">{t.models.licence}</th><th scope="col" role="columnheader" class="is-num">{t.models.size}</th><th scope="col" role="columnheader"><span class="sr-only">{t.acts}</span></th></tr></thead>
            <tbody role="rowgroup">{items.map((model) => <ModelRow key={model.name} model={model} desk={desk.data as ModelDesk} act={(what) => void act(what, model)} />)}</tbody>
          </table>
        )}
        <p class="note models__foot">{t.models.addBefore}<span class="mono">sekisho model add</span>{t.models.addAfter}</p>
      </div>
    </Shell>
  );
}

function titleOf(items: readonly Model[], name: string): string {
  return items.find((model) => model.name === name)?.title || name;
}

function ModelRow({ model, desk, act }: { model: Model; desk: ModelDesk; act: (what: Act) => void }) {
  const place = model.kind === "embedding" ? "embedding" : "answering";
  const next = desk.chosen[place] === model.name;
  const locked = desk.named[place];
  const idle = desk.job?.state !== "running";
  const name = <span class="sr-only">{t.of(model.title || model.name)}</span>;
  return (
    <tr role="row">
      <th scope="row" role="rowheader"><b>{model.title || model.name}</b><div class="note mono">{model.name}</div><div class="note">{t.models.kinds[place]}{model.added && <>{t.comma}{t.models.added}</>}</div></th>
      <td role="cell" data-head={t.state} class="cell-state"><div>
        {model.active ? <Status kind="ok">{t.models.active}</Status> : model.installed ? <Status kind="ok">{t.models.installed}</Status> : <Status kind="wait">{t.models.absent}</Status>}
        {next && !model.active && <p class="reason">{locked ? t.models.overruled : t.models.next}</p>}
        {model.active && locked && <p class="reason">{t.models.locked}</p>}
      </div></td>
      <td role="cell" data-head={t.models.licence}>{model.licence || t.models.noLicence}</td>
      <td role="cell" data-head={t.models.size} class="is-num">{t.size(model.size_bytes)}</td>
      <td role="cell" class="is-end"><div class="row row--tight row--end">
        {!model.installed && model.fetchable && idle && <button class="btn btn--secondary btn--s" type="button" onClick={() => act("fetch")}>{t.models.fetch}{name}</button>}
        {model.installed && idle && <button class="tool tool--edge" type="button" onClick={() => act("verify")}>{t.models.verify}{name}</button>}
        {model.installed && !locked && !next && !(model.active && desk.chosen[place] === "") && <button class="tool tool--edge" type="button" onClick={() => act("choose")}>{t.models.choose}{name}</button>}
      </div></td>
    </tr>
  );
}

/** What is under way, or how the last one ended and what to do. */
function JobState({ job, title }: { job: ModelJob; title: string }) {
  if (job.state === "running") {
    const words = t.models.working[job.act](title);
    return <ProgressRow words={<Status kind="busy">{words}</Status>} figures={t.documents.sent(job.done_bytes, job.total_bytes)} max={Math.max(1, job.total_bytes)} value={job.done_bytes} label={words} />;
  }
  if (job.state === "done") return <Banner small kind="ok" title={t.models.done[job.act](title)} />;
  const code = job.error?.code ?? "";
  return <Banner small kind="bad" title={t.models.failed[job.act](title)} text={t.models.why(job.act, code)} />;
}
