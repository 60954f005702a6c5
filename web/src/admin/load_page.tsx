import { get, query } from "../api/client";
import type { Page, RatedAnswer, Speed, Storage } from "../api/types";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { useLoad } from "../ui/load";
import { LevelChip, ListState, Status } from "../ui/parts";
import { AdminSide } from "./admin_side";

/** Who waits, how fast it is, how much room there is, and what people think of the answers. */
export function LoadPage() {
  const speed = useLoad("speed", (signal) => get<Speed>("/admin/speed", { signal }));
  const storage = useLoad("storage", (signal) => get<Storage>("/admin/storage", { signal }));
  const ratings = useLoad("ratings", (signal) => get<Page<RatedAnswer>>(`/admin/ratings${query({ limit: 50 })}`, { signal }));
  const again = (): void => { void speed.reload(); void storage.reload(); void ratings.reload(); };
  return (
    <Shell room="admin" title={t.admin.pages.load} side={<AdminSide here="load" />} sideLabel={t.nav.admin}>
      <div class="main__pad">
        <div class="page-head"><h1>{t.admin.pages.load}</h1><div class="page-head__end"><button class="btn btn--secondary btn--s" type="button" onClick={again}>{t.use.again}</button></div></div>
        <section class="section" aria-labelledby="use"><h2 class="section__title" id="use">{t.use.day}</h2>
          <ListState loading={speed.loading} error={speed.error && errorWords(speed.error)} retry={() => void speed.reload()} />
          {speed.data && <SpeedFigures speed={speed.data} />}
        </section>
        <section class="section" aria-labelledby="room"><h2 class="section__title" id="room">{t.use.storage}</h2>
          <ListState loading={storage.loading} error={storage.error && errorWords(storage.error)} retry={() => void storage.reload()} />
          {storage.data && <StorageTable storage={storage.data} />}
        </section>
        <section class="section" aria-labelledby="ratings"><h2 class="section__title" id="ratings">{t.use.ratings}</h2>
          <p class="note">{t.use.ratingsNote}</p>
          <ListState loading={ratings.loading} error={ratings.error && errorWords(ratings.error)} empty={ratings.data?.items.length === 0 && t.use.noRatings} retry={() => void ratings.reload()} />
          {(ratings.data?.items.length ?? 0) > 0 && <RatingTable items={ratings.data?.items ?? []} />}
        </section>
      </div>
    </Shell>
  );
}

function SpeedFigures({ speed }: { speed: Speed }) {
  const answers = speed.hours.reduce((sum, hour) => sum + hour.answers, 0);
  const last = speed.hours.filter((hour) => hour.tokens_per_second > 0).pop();
  const begun = speed.hours.filter((hour) => hour.first_text_ms > 0).pop();
  return (
    <div class="figures figures--four">
      <Figure name={t.use.waiting} value={t.count(speed.waiting)} unit={t.use.running(speed.running)} />
      <Figure name={t.use.answers} value={t.count(answers)} unit={t.use.failed(speed.hours.reduce((sum, hour) => sum + hour.failed, 0))} points={speed.hours.map((hour) => hour.answers)} hours={speed.hours} />
      <Figure name={t.use.first} value={begun ? t.seconds(begun.first_text_ms) : t.use.none} unit={begun ? t.use.secondsUnit : ""} points={speed.hours.map((hour) => hour.first_text_ms / 1000)} hours={speed.hours} />
      <Figure name={t.use.tokens} value={last ? t.count(Math.round(last.tokens_per_second)) : t.use.none} unit={last ? t.use.tokensUnit : ""} points={speed.hours.map((hour) => hour.tokens_per_second)} hours={speed.hours} />
    </div>
  );
}

/** A figure, and where there is one its course as a line, with a sentence for those who do not see it. */
function Figure({ name, value, unit, points, hours }: { name: string; value: string; unit: string; points?: number[]; hours?: Speed["hours"] }) {
  const top = Math.max(...(points ?? [0]), 1e-9);
  const at = points?.indexOf(Math.max(...points)) ?? 0;
  const line = points?.map((point, index) => `${((index / Math.max(1, points.length - 1)) * 240).toFixed(1)},${(46 - (point / top) * 44).toFixed(1)}`).join(" ");
  return (
    <div class="figure">
      <h3 class="figure__name">{name}</h3>
      <p class="figure__value">{value}<span class="figure__unit">{unit}</span></p>
      {line && hours && (
        <>
          <svg class="plot" viewBox="0 0 240 48" preserveAspectRatio="none" role="img" aria-label={t.use.plot(name, hours[at]?.begin_ms ?? 0, top)}><path class="plot__base" d="M0 47.5H240" /><polyline class="plot__line" points={line} /></svg>
          <p class="plot__axis"><span>{t.time(hours[0]?.begin_ms ?? 0)}</span><span>{t.time((hours[hours.length - 1]?.begin_ms ?? 0))}</span></p>
        </>
      )}
    </div>
  );
}

function StorageTable({ storage }: { storage: Storage }) {
  const rows = [["blobs", storage.blobs_bytes], ["database", storage.database_bytes], ["audit", storage.audit_bytes], ["backup", storage.backup_bytes], ["free", storage.free_bytes]] as const;
  return (
    <dl class="facts facts--wide">
      {rows.map(([name, bytes]) => <div key={name}><dt>{t.use.stores[name]}</dt><dd class="num">{t.size(bytes)}</dd></div>)}
    </dl>
  );
}

function RatingTable({ items }: { items: RatedAnswer[] }) {
  const heads = t.use.heads;
  return (
    <table class="table table--fold table--dense" role="table">
      <caption class="sr-only">{t.use.ratings}</caption>
      <thead role="rowgroup"><tr role="row">{[heads.time, heads.rating, heads.why, heads.checks, heads.model, heads.level].map((head) => <th key={head} scope="col" role="columnheader">{head}</th>)}</tr></thead>
      <tbody role="rowgroup">
        {items.map((item) => (
          <tr role="row" key={item.turn_id}>
            <td role="cell" data-head={heads.time} class="is-tight num">{t.eraTime(item.created_ms)}</td>
            <td role="cell" data-head={heads.rating} class="is-tight"><Status kind={item.good ? "ok" : "warn"}>{item.good ? t.rating.good : t.rating.bad}</Status></td>
            <td role="cell" data-head={heads.why}>{t.join(item.reasons.map((reason) => t.rating.reasons[reason]))}{item.note && <div class="note">{item.note}</div>}</td>
            <td role="cell" data-head={heads.checks}>{item.not_found ? t.colophon.notFound : item.mode === "none" ? t.use.noPapers : t.colophon.counts(item.supported, item.needs_check)}</td>
            <td role="cell" data-head={heads.model}>{item.model}</td>
            <td role="cell" data-head={heads.level}><LevelChip value={item.level} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
