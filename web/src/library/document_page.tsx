import { useEffect, useRef, useState } from "preact/hooks";
import { asApiError, get, post, query, type ApiError } from "../api/client";
import { readEvents } from "../api/event_stream";
import type { LibraryDocument, Page, Passage, Personal, Shelf } from "../api/types";
import { go } from "../app/router";
import { levels, may } from "../app/session";
import { Shell } from "../app/shell";
import { PageImage } from "../chat/page_image";
import { PaperLine } from "../chat/source_panel";
import { documentErrorWords, errorNext, errorWords, noteLines, personalWords, t } from "../text";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Banner, LevelChip, ListState, OcrMark } from "../ui/parts";
import { DocumentState, PasswordForm, takesPassword } from "./document_rows";
import { loadShelves, setScope, shelves } from "./shelves";
import { Versions } from "./versions";

const pageSize = 200;

/** One document: its passages page by page, and what could not be read. */
export function DocumentPage({ id, passage }: { id: string; passage: string | null }) {
  const path = `/documents/${encodeURIComponent(id)}`;
  const document = useLoad(`document ${id}`, (signal) => get<LibraryDocument>(path, { signal }));
  const found = document.data;
  useEffect(() => { if (shelves.peek() === null) void loadShelves(); }, []);
  useWatch(path, found, document.set);
  const passages = usePassages(path, found?.state === "ready", passage);

  if (document.error && !found) {
    return (
      <Shell room="shelves" title={t.document}>
        <div class="main__pad"><h1 class="sr-only">{t.document}</h1><Banner kind="bad" title={document.error.code === "denied" ? t.documents.gone : errorWords(document.error)} note={document.error.code === "denied" ? t.documents.goneNext : errorNext(document.error)}><a class="btn btn--secondary btn--s" href="/shelves">{t.shelves.all}</a></Banner></div>
      </Shell>
    );
  }
  const shelf = shelves.value?.find((one) => one.id === found?.shelf_id) ?? null;
  const ask = (): void => { if (found) setScope({ mode: "shelves", shelves: [found.shelf_id] }); go("/"); };
  const retry = async (password?: string): Promise<void> => { await post(`${path}/retry`, password === undefined ? undefined : { password }).catch(() => undefined); await document.reload(); };
  return (
    <Shell room="shelves" title={found?.name ?? t.document} sideLabel={t.documents.contents} side={<Contents document={found} shelfName={shelf?.name ?? ""} passages={passages.items} here={passage} />}>
      <div class="main__pad">
        <div class="page-head">
          <h1><bdi>{found?.name ?? t.loading}</bdi></h1>{shelf && <LevelChip value={shelf.level} />}
          <div class="page-head__end">{may.ask() && found?.state === "ready" && <button class="btn btn--secondary btn--s" type="button" onClick={ask}>{t.shelves.askIt}</button>}</div>
        </div>
        {found?.replaced_ms != null && <div class="doc__old"><Banner small kind="warn" title={t.documents.oldVersion} text={t.documents.oldVersionText} /></div>}
        <div class="doc">
          <div>
            {found && found.state !== "ready" && (
              <div class="stack">
                <DocumentState document={found} />
                {takesPassword(found) && may.add() && <PasswordForm document={found} open={(password) => void retry(password)} />}
                {found.state === "failed" && !takesPassword(found) && may.add() && <button class="btn btn--secondary btn--s" type="button" onClick={() => void retry()}>{t.documents.retry}</button>}
              </div>
            )}
            <ListState loading={document.loading || passages.loading} error={passages.error && errorWords(passages.error)} retry={() => void passages.more()} empty={found?.state === "ready" && !passages.loading && passages.items.length === 0 && t.documents.noPassages} />
            {sheetsOf(passages.items).map((sheet) => <Sheet key={sheet.passages[0]?.id} page={sheet.page} pages={found?.pages ?? 0} document={found} passages={sheet.passages} cited={passage} />)}
            {passages.next !== null && <p class="more"><button class="btn btn--secondary btn--s" type="button" onClick={() => void passages.more()}>{t.more}</button></p>}
          </div>
          {found && <Facts path={path} document={found} shelfName={shelf?.name ?? null} readers={shelf ? t.readers(shelf.readers) : null} shelf={shelf ?? null} />}
        </div>
      </div>
    </Shell>
  );
}

/** Hears of the reading as it goes on, until it has ended. */
function useWatch(path: string, document: LibraryDocument | null, set: (document: LibraryDocument) => void): void {
  const busy = document !== null && document.state !== "ready" && document.state !== "failed";
  useEffect(() => {
    if (!busy) return;
    const control = new AbortController();
    const watch = async (): Promise<void> => {
      while (!control.signal.aborted) {
        await readEvents("GET", `${path}/events`, undefined, control.signal, (event) => {
          try { set(JSON.parse(event.data) as LibraryDocument); } catch { /* Half an event; the next one is whole. */ }
        }).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    };
    void watch();
    return () => control.abort();
  }, [path, busy]);
}

interface Passages { items: Passage[]; next: string | null; loading: boolean; error: ApiError | null; more: () => Promise<void> }

/** Passages in pages; goes on by itself until the one that was asked for is there. */
function usePassages(path: string, ready: boolean, wanted: string | null): Passages {
  const [state, setState] = useState<{ items: Passage[]; next: string | null; loading: boolean; error: ApiError | null }>({ items: [], next: null, loading: false, error: null });
  const shown = useRef("");
  const load = async (items: Passage[], after: string | null): Promise<void> => {
    setState((old) => ({ ...old, loading: items.length === 0, error: null }));
    try {
      let all = items;
      let next = after;
      do {
        const page: Page<Passage> = await get<Page<Passage>>(`${path}/passages${query({ limit: pageSize, after: next })}`);
        all = [...all, ...page.items];
        next = page.next ?? null;
      } while (next !== null && wanted !== null && !all.some((one) => one.id === wanted));
      setState({ items: all, next, loading: false, error: null });
    } catch (cause) {
      setState((old) => ({ ...old, loading: false, error: asApiError(cause) }));
    }
  };
  useEffect(() => { if (ready) void load([], null); }, [path, ready]);
  useEffect(() => {
    if (wanted === null || shown.current === wanted || !state.items.some((one) => one.id === wanted)) return;
    shown.current = wanted;
    document.getElementById(`p-${wanted}`)?.scrollIntoView({ block: "center" });
  }, [wanted, state.items]);
  return { ...state, more: () => load(state.items, state.next) };
}

function sheetsOf(passages: readonly Passage[]): { page: number; passages: Passage[] }[] {
  const sheets: { page: number; passages: Passage[] }[] = [];
  for (const passage of passages) {
    const sheet = sheets[sheets.length - 1];
    if (sheet && sheet.page === passage.page_first) sheet.passages.push(passage);
    else sheets.push({ page: passage.page_first, passages: [passage] });
  }
  return sheets;
}

function Sheet({ page, pages, document, passages, cited }: { page: number; pages: number; document: LibraryDocument | null; passages: Passage[]; cited: string | null }) {
  const edge = page > 0 ? t.pageOf(page, pages, document?.kind ?? "") : t.documents.noPage;
  const shown = passages.find((passage) => passage.id === cited);
  return (
    <section class="sheet" aria-label={edge}>
      <div class="sheet__edge"><span class="num">{edge}</span></div>
      {passages.map((passage) => (
        <div class="passage" id={`p-${passage.id}`} key={passage.id} data-cited={passage.id === cited ? "" : undefined}>
          <a class="passage__no" href={`#p-${passage.id}`}><span class="sr-only">{t.passage}</span>{passage.number}</a>
          <div class="passage__text">
            <OcrMark value={passage.ocr} />
            {passage.path && !passage.text.includes(passage.path) && <p class="note">{passage.path}</p>}
            {passage.text.split(/\n+/).filter((line) => line.trim()).map((line, index) => <PaperLine key={index} line={[{ text: line.trim(), hit: false }]} plain />)}
          </div>
        </div>
      ))}
      {shown && document && <PageImage of={{ document_id: document.id, document_name: document.name, passage_id: shown.id, page: shown.page_first }} />}
    </section>
  );
}

function Contents({ document, shelfName, passages, here }: { document: LibraryDocument | null; shelfName: string; passages: readonly Passage[]; here: string | null }) {
  const heads = passages.filter((passage, index) => passage.path !== "" && passage.path !== passages[index - 1]?.path);
  return (
    <>
      {document && <div class="side__top"><a class="tool tool--back" href={`/shelves/${encodeURIComponent(document.shelf_id)}`}><Icon name="left" small />{t.documents.backTo(shelfName)}</a></div>}
      {heads.length > 0 && (
        <nav class="side__group toc" aria-label={t.documents.contents}>
          <h2 class="side__head">{t.documents.contents}</h2>
          {heads.map((passage) => <a key={passage.id} href={`#p-${passage.id}`} aria-current={passage.id === here ? "true" : undefined}>{passage.path}</a>)}
        </nav>
      )}
    </>
  );
}

/** What was found of people, where, and what the keeper can do. */
function PersonalFound({ personal, shelf }: { personal: Personal; shelf: Shelf | null }) {
  const level = levels.value.find((one) => one.value === shelf?.level);
  const proposed = levels.value.find((one) => one.name === personal.raise_to);
  const pages = [...new Set(personal.pages.map(([page]) => page))].filter((page) => page > 0).slice(0, 10);
  const raise = level && proposed && level.value < proposed.value;
  const what = t.documents.personalText(personalWords(personal.found), pages.length > 0 ? t.documents.personalPages(pages) : "");
  return <Banner small kind="warn" title={t.documents.personal} text={what + (raise ? t.documents.personalRaise(level.name, proposed.name) : t.documents.personalKeep)} />;
}

function Facts({ path, document, shelfName, readers, shelf }: { path: string; document: LibraryDocument; shelfName: string | null; readers: string | null; shelf: Shelf | null }) {
  const notes = noteLines(document.notes);
  return (
    <aside class="doc__side stack stack--24" aria-label={t.documents.facts}>
      {document.personal && <PersonalFound personal={document.personal} shelf={shelf} />}
      {(notes.length > 0 || document.state === "failed") && (
        <section class="stack">
          <h2 class="first__head">{t.documents.gaps}</h2>
          {document.state === "failed" && <Banner small kind="bad" title={t.documents.unreadable} text={documentErrorWords(document.error)} />}
          {notes.map((note) => <Banner small kind="warn" key={note.title} title={note.title} text={note.text} />)}
        </section>
      )}
      <section>
        <h2 class="first__head">{t.documents.facts}</h2>
        <dl class="facts">
          {shelfName !== null && <div><dt>{t.shelves.name}</dt><dd><a href={`/shelves/${encodeURIComponent(document.shelf_id)}`}>{shelfName}</a></dd></div>}
          {shelf?.handling && shelf.handling.length > 0 && <div><dt>{t.shelves.handling}</dt><dd>{shelf.handling.join(t.comma)}</dd></div>}
          {readers !== null && <div><dt>{t.shelves.readers}</dt><dd>{readers}</dd></div>}
          <div><dt>{t.documents.kind}</dt><dd>{t.documents.kindWords(document.kind, document.pages, document.size_bytes)}</dd></div>
          <div><dt>{t.passage}</dt><dd>{t.sources.count(document.passages)}</dd></div>
          <div><dt>{t.documents.added}</dt><dd><time>{t.eraTime(document.created_ms)}</time> {document.added_by}</dd></div>
        </dl>
      </section>
      <Versions path={path} document={document} />
    </aside>
  );
}
