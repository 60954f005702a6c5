import { useEffect, useRef, useState } from "preact/hooks";
import { asApiError, call, get, post, query, type ApiError } from "../api/client";
import type { LibraryDocument, Page, Shelf } from "../api/types";
import { go } from "../app/router";
import { may, session } from "../app/session";
import { Shell } from "../app/shell";
import { errorNext, errorWords, t } from "../text";
import { useLoad } from "../ui/load";
import { Banner, ConfirmDialog, LevelChip, ListState, tabKeys } from "../ui/parts";
import { toast } from "../ui/toast";
import { DocumentRow, needsCare, UploadRow } from "./document_rows";
import { DropArea } from "./drop_area";
import { RelabelDialog } from "./relabel_shelf";
import { ShelfSide } from "./shelf_side";
import { loadShelves, setScope } from "./shelves";
import { addFiles, uploads } from "./upload";

type Filter = "all" | "ready" | "reading" | "care";
const filters: Filter[] = ["all", "ready", "reading", "care"];
const pageSize = 100;
const pollMs = 1500;

function matches(filter: Filter, document: LibraryDocument): boolean {
  if (filter === "ready") return document.state === "ready";
  if (filter === "reading") return document.state !== "ready" && document.state !== "failed";
  return filter === "all" || needsCare(document);
}

/** One shelf: what is in it, what is being read, and what could not be. */
export function ShelfPage({ id }: { id: string }) {
  const shelf = useLoad(`shelf ${id}`, (signal) => get<Shelf>(`/shelves/${encodeURIComponent(id)}`, { signal }));
  const documents = useDocuments(id);
  const [filter, setFilter] = useState<Filter>("all");
  const [deleting, setDeleting] = useState(false);
  const [labelling, setLabelling] = useState(false);
  const files = uploads.value.filter((upload) => upload.shelf === id);
  const limit = session.value?.limits.document_bytes ?? 0;
  const arrived = (): void => { void documents.reload(); };

  if (shelf.error && !shelf.data) {
    return (
      <Shell room="shelves" title={t.shelves.title} side={<ShelfSide current={id} />} sideLabel={t.shelves.list}>
        <div class="main__pad"><h1 class="sr-only">{t.shelves.title}</h1><Banner kind="bad" title={shelf.error.code === "denied" ? t.shelves.gone : errorWords(shelf.error)} note={errorNext(shelf.error)}><a class="btn btn--secondary btn--s" href="/shelves">{t.shelves.all}</a></Banner></div>
      </Shell>
    );
  }
  const name = shelf.data?.name ?? "";
  const shown = documents.items.filter((document) => matches(filter, document));
  const removed = async (): Promise<void> => {
    setDeleting(false);
    toast(t.shelves.deleted);
    await loadShelves();
    go("/shelves");
  };
  return (
    <Shell room="shelves" title={name || t.shelves.title} side={<ShelfSide current={id} />} sideLabel={t.shelves.list}>
      <div class="main__pad">
        <div class="page-head">
          <h1>{name || t.loading}</h1>{shelf.data && <LevelChip value={shelf.data.level} />}
          <div class="page-head__end">
            {may.ask() && <button class="btn btn--secondary btn--s" type="button" onClick={() => { setScope({ mode: "shelves", shelves: [id] }); go("/"); }}>{t.shelves.askIt}</button>}
            {shelf.data && may.keepShelves() && <button class="tool" type="button" onClick={() => setLabelling(true)}>{t.shelves.relabel}</button>}
            {may.keepShelves() && <button class="tool" type="button" onClick={() => setDeleting(true)}>{t.shelves.deleteIt}</button>}
          </div>
          {shelf.data && <p class="page-head__lead">{t.shelves.readers}{t.gap}{t.readers(shelf.data.readers)}{shelf.data.handling && shelf.data.handling.length > 0 && <>{t.gap}{t.shelves.handling}{t.gap}{shelf.data.handling.join(t.comma)}</>}</p>}
        </div>
        {may.add() && <DropArea limitBytes={limit} onFiles={(added) => addFiles(id, added, limit, arrived)} />}
        <div class="tabs tabs--gap" role="tablist" aria-label={t.documents.filter}>
          {filters.map((one, index) => (
            <button class="tab" role="tab" type="button" key={one} aria-selected={one === filter} aria-controls="docs" tabIndex={one === filter ? 0 : -1}
              onClick={() => setFilter(one)} onKeyDown={(event) => tabKeys(event, index, filters.length, (to) => setFilter(filters[to] ?? "all"))}>
              {t.documents.filters[one]}<span class="tab__count">{documents.items.filter((document) => matches(one, document)).length}{documents.next !== null && t.orMore}</span>
            </button>
          ))}
        </div>
        <div role="tabpanel" id="docs" aria-label={t.documents.list} tabIndex={0}>
          <ListState loading={documents.loading} error={documents.error && errorWords(documents.error)} retry={() => void documents.reload()}
            empty={shown.length === 0 && files.length === 0 && (filter === "all" ? (may.add() ? t.documents.empty : t.documents.emptyReader) : t.documents.emptyFilter)} />
          {(shown.length > 0 || files.length > 0) && (
            <table class="table table--fold table--docs" role="table">
              <caption class="sr-only">{t.documents.list}</caption>
              <thead role="rowgroup"><tr role="row">
                <th scope="col" role="columnheader">{t.document}</th><th scope="col" role="columnheader">{t.state}</th><th scope="col" role="columnheader" class="is-num">{t.documents.pages}</th>
                <th scope="col" role="columnheader">{t.documents.added}</th><th scope="col" role="columnheader"><span class="sr-only">{t.acts}</span></th>
              </tr></thead>
              <tbody role="rowgroup">
                {filter !== "ready" && files.map((upload) => <UploadRow key={`u${upload.key}`} upload={upload} arrived={arrived} />)}
                {shown.map((document) => <DocumentRow key={document.id} document={document} retry={(password) => void retry(document.id, documents.reload, password)} remove={may.keepShelves() ? () => removeWithUndo(document, documents.reload) : null} />)}
              </tbody>
            </table>
          )}
          {documents.next !== null && <p class="more"><button class="btn btn--secondary btn--s" type="button" onClick={() => void documents.more()}>{t.more}</button></p>}
        </div>
      </div>
      {labelling && shelf.data && <RelabelDialog shelf={shelf.data} onClose={() => setLabelling(false)} onDone={() => { setLabelling(false); void shelf.reload(); void loadShelves(); }} />}
      {deleting && <DeleteDialog shelf={shelf.data} onClose={() => setDeleting(false)} onDone={() => void removed()} />}
    </Shell>
  );
}

/** Takes a document away at once: it can be taken back. */
function removeWithUndo(document: LibraryDocument, reload: () => Promise<void>): void {
  const path = `/documents/${encodeURIComponent(document.id)}`;
  const failed = (cause: unknown): void => toast(errorWords(asApiError(cause)));
  const restore = (): void => { post(`${path}/restore`).then(() => { toast(t.documents.restored(document.name)); void reload(); }, failed); };
  call("DELETE", path).then(() => { toast(t.documents.removed(document.name), { word: t.undo, run: restore }); void reload(); void loadShelves(); }, failed);
}

async function retry(id: string, reload: () => Promise<void>, password?: string): Promise<void> {
  try {
    await post(`/documents/${encodeURIComponent(id)}/retry`, password === undefined ? undefined : { password });
  } catch (cause) {
    toast(errorWords(asApiError(cause)));
  }
  await reload();
}

interface Documents { items: LibraryDocument[]; next: string | null; loading: boolean; error: ApiError | null; reload: () => Promise<void>; more: () => Promise<void> }

/** The documents of a shelf, asked for again while something is being read. */
function useDocuments(shelf: string): Documents {
  const [state, setState] = useState<{ items: LibraryDocument[]; next: string | null; loading: boolean; error: ApiError | null }>({ items: [], next: null, loading: true, error: null });
  const pages = useRef(1);
  const gone = useRef(false);
  const path = `/shelves/${encodeURIComponent(shelf)}/documents`;
  const reload = async (): Promise<void> => {
    try {
      const items: LibraryDocument[] = [];
      let next: string | null = null;
      for (let page = 0; page < pages.current; page++) {
        const found: Page<LibraryDocument> = await get<Page<LibraryDocument>>(path + query({ limit: pageSize, after: next }));
        items.push(...found.items);
        next = found.next ?? null;
        if (next === null) break;
      }
      if (!gone.current) setState({ items, next, loading: false, error: null });
    } catch (cause) {
      if (!gone.current) setState((old) => ({ ...old, loading: false, error: asApiError(cause) }));
    }
  };
  const busy = state.items.some((document) => document.state !== "ready" && document.state !== "failed");
  useEffect(() => {
    gone.current = false;
    void reload();
    return () => { gone.current = true; };
  }, [shelf]);
  useEffect(() => {
    if (!busy) return;
    const timer = setTimeout(() => void reload(), pollMs);
    return () => clearTimeout(timer);
  }, [busy, state]);
  return { ...state, reload, more: async () => { pages.current++; await reload(); } };
}

function DeleteDialog({ shelf, onClose, onDone }: { shelf: Shelf | null; onClose: () => void; onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await call("DELETE", `/shelves/${encodeURIComponent(shelf?.id ?? "")}`);
      onDone();
    } catch (cause) {
      setError(errorWords(asApiError(cause)));
      setBusy(false);
    }
  };
  return <ConfirmDialog title={t.shelves.deleteAsk(shelf?.name ?? "")} text={t.shelves.deleteText(shelf?.documents ?? 0)} act={t.deleteIt} busy={busy} error={error} onAct={() => void act()} onClose={onClose} />;
}
