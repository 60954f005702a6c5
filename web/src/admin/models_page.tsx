import { get } from "../api/client";
import type { Model, Page } from "../api/types";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { useLoad } from "../ui/load";
import { ListState, Status } from "../ui/parts";
import { AdminSide } from "./admin_side";

export function ModelsPage() {
  const models = useLoad("models", (signal) => get<Page<Model>>("/models", { signal }));
  const items = models.data?.items ?? [];
  return (
    <Shell room="admin" title={t.admin.pages.models} side={<AdminSide here="models" />} sideLabel={t.nav.admin}>
      <div class="main__pad">
        <div class="page-head"><h1>{t.admin.pages.models}</h1><p class="page-head__lead">{t.models.leadBefore}<span class="mono">sekisho model</span>{t.models.leadAfter}</p></div>
        <ListState loading={models.loading} error={models.error && errorWords(models.error)} empty={models.data !== null && items.length === 0 && t.models.empty} retry={() => void models.reload()} />
        {items.length > 0 && (
          <table class="table table--fold table--models" role="table">
            <caption class="sr-only">{t.models.list}</caption>
            <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">{t.admin.pages.models}</th><th scope="col" role="columnheader">{t.state}</th><th scope="col" role="columnheader">{t.models.licence}</th><th scope="col" role="columnheader" class="is-num">{t.models.size}</th></tr></thead>
            <tbody role="rowgroup">
              {items.map((model) => (
                <tr role="row" key={model.name}>
                  <th scope="row" role="rowheader"><b>{model.title}</b><div class="note mono">{model.name}</div></th>
                  <td role="cell" data-head={t.state} class="cell-state"><div>{model.active ? <Status kind="ok">{t.models.active}</Status> : model.installed ? <Status kind="ok">{t.models.installed}</Status> : <Status kind="wait">{t.models.absent}</Status>}</div></td>
                  <td role="cell" data-head={t.models.licence}>{model.licence}</td>
                  <td role="cell" data-head={t.models.size} class="is-num">{t.size(model.size_bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Shell>
  );
}
