import { get } from "../api/client";
import type { Health, Verdict } from "../api/types";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { ListState, Status } from "../ui/parts";
import { AdminSide } from "./admin_side";
import { Openings } from "./openings";

/** What `sekisho doctor` says: trouble first. */
export function HealthPage() {
  const health = useLoad("health", (signal) => get<Health>("/admin/health", { signal }));
  const verdicts = health.data?.verdicts ?? [];
  const wrong = verdicts.filter((verdict) => !verdict.ok);
  const right = folded(verdicts.filter((verdict) => verdict.ok));
  return (
    <Shell room="admin" title={t.admin.pages.health} side={<AdminSide here="health" />} sideLabel={t.nav.admin}>
      <div class="main__pad">
        <div class="page-head">
          <h1>{t.admin.pages.health}</h1>
          <div class="page-head__end"><button class="btn btn--secondary btn--s" type="button" onClick={() => void health.reload()}><Icon name="again" small />{t.health.again}</button></div>
          {health.data && <p class="page-head__lead">{t.health.lead(verdicts.length, wrong.length)} {t.health.alsoBefore}<span class="mono">sekisho doctor</span>{t.health.alsoAfter}</p>}
        </div>
        <ListState loading={health.loading} error={health.error && errorWords(health.error)} empty={health.data !== null && verdicts.length === 0 && t.health.empty} retry={() => void health.reload()} />
        <Openings />
        {wrong.length > 0 && <Verdicts id="wrong" title={t.health.wrong} verdicts={wrong} />}
        {right.length > 0 && <Verdicts id="right" title={t.health.right} verdicts={right} />}
      </div>
    </Shell>
  );
}

/** One row for each worker's seal instead of its hundreds of layers and probes, and words for what has a name. */
function folded(verdicts: Verdict[]): Verdict[] {
  const rows: Verdict[] = [];
  for (const verdict of verdicts) {
    if (!verdict.area.startsWith("seal.")) {
      const key = `${verdict.area}.${verdict.name}`;
      rows.push({ ...verdict, area: "", name: t.health.names[key] ?? key, detail: t.health.good[key] ?? verdict.detail });
    } else if (!rows.some((row) => row.area === "" && row.name === t.health.names[verdict.area])) {
      const own = verdicts.filter((other) => other.area === verdict.area);
      const probes = own.filter((other) => other.name.startsWith("probe."));
      rows.push({ area: "", name: t.health.names[verdict.area] ?? verdict.area, ok: true, detail: t.health.sealed(own.length - probes.length, probes.length) });
    }
  }
  return rows;
}

function Verdicts({ id, title, verdicts }: { id: string; title: string; verdicts: Verdict[] }) {
  return (
    <section class="section" aria-labelledby={id}>
      <h2 class="section__title" id={id}>{title}</h2>
      <ul class="verdicts">
        {verdicts.map((verdict, index) => (
          <li class="verdict" key={index}>
            <div><Status kind={verdict.ok ? "ok" : "bad"}>{verdict.ok ? t.health.ok : t.health.bad}</Status></div>
            <div><h3 class="verdict__name">{[verdict.area, verdict.name].filter(Boolean).join(t.colon)}</h3><p class="verdict__text">{verdict.detail}</p></div>
          </li>
        ))}
      </ul>
    </section>
  );
}
