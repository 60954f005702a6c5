import { useEffect, useState } from "preact/hooks";
import type { Shelf } from "../api/types";
import { may } from "../app/session";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { Icon } from "../ui/icons";
import { LevelChip, ListState, Status } from "../ui/parts";
import { NewShelfDialog } from "./new_shelf";
import { ShelfSide } from "./shelf_side";
import { loadShelves, shelves, shelvesError } from "./shelves";

export function ShelvesPage() {
  const [making, setMaking] = useState(false);
  useEffect(() => { void loadShelves(); }, []);
  const all = shelves.value;
  return (
    <Shell room="shelves" title={t.shelves.title} side={<ShelfSide current={null} />} sideLabel={t.shelves.list}>
      <div class="main__pad">
        <div class="page-head">
          <h1>{t.shelves.title}</h1>
          {may.keepShelves() && <div class="page-head__end"><button class="btn btn--primary btn--s" type="button" onClick={() => setMaking(true)}><Icon name="plus" small />{t.shelves.make}</button></div>}
          <p class="page-head__lead">{t.shelves.lead}</p>
        </div>
        <ListState loading={all === null && !shelvesError.value} error={shelvesError.value && errorWords(shelvesError.value)} empty={all?.length === 0 && (may.keepShelves() ? t.shelves.emptyKeeper : t.shelves.empty)} retry={() => void loadShelves()} />
        {all !== null && all.length > 0 && (
          <table class="table table--fold" role="table">
            <caption class="sr-only">{t.shelves.list}</caption>
            <thead role="rowgroup"><tr role="row">
              <th scope="col" role="columnheader">{t.shelves.name}</th><th scope="col" role="columnheader">{t.level}</th><th scope="col" role="columnheader">{t.shelves.readers}</th>
              <th scope="col" role="columnheader" class="is-num">{t.document}</th><th scope="col" role="columnheader">{t.state}</th>
            </tr></thead>
            <tbody role="rowgroup">{all.map((shelf) => <Row key={shelf.id} shelf={shelf} />)}</tbody>
          </table>
        )}
      </div>
      {making && <NewShelfDialog onClose={() => setMaking(false)} />}
    </Shell>
  );
}

function Row({ shelf }: { shelf: Shelf }) {
  return (
    <tr role="row">
      <th scope="row" role="rowheader"><a href={`/shelves/${encodeURIComponent(shelf.id)}`}>{shelf.name}</a></th>
      <td role="cell" data-head={t.level}><span class="row"><LevelChip value={shelf.level} />{shelf.handling && shelf.handling.length > 0 && <span class="note">{shelf.handling.join(t.comma)}</span>}</span></td>
      <td role="cell" data-head={t.shelves.readers}>{t.readers(shelf.readers)}</td>
      <td role="cell" data-head={t.document} class="is-num">{t.items(shelf.documents)}</td>
      <td role="cell" data-head={t.state}><span><ShelfState shelf={shelf} /></span></td>
    </tr>
  );
}

function ShelfState({ shelf }: { shelf: Shelf }) {
  if (shelf.reading === 0 && shelf.failed === 0) return shelf.documents === 0 ? <Status kind="wait">{t.shelves.noDocuments}</Status> : <Status kind="ok">{t.documents.ready}</Status>;
  return (
    <>
      {shelf.reading > 0 && <Status kind="busy">{t.shelves.reading(shelf.reading)}</Status>}
      {shelf.reading > 0 && shelf.failed > 0 && <br />}
      {shelf.failed > 0 && <Status kind="bad">{t.shelves.failed(shelf.failed)}</Status>}
    </>
  );
}
