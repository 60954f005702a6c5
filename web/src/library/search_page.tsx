import { post } from "../api/client";
import type { Page, SearchHit } from "../api/types";
import { Shell } from "../app/shell";
import { markTerms, termsOf } from "../chat/hit";
import { excerpt } from "../chat/not_found";
import { placeWords } from "../chat/source_panel";
import { errorWords, t } from "../text";
import { useLoad } from "../ui/load";
import { LevelChip, ListState, OcrMark } from "../ui/parts";
import { ShelfSide } from "./shelf_side";

/** Passages of all readable shelves for some words. */
export function SearchPage({ words }: { words: string }) {
  const found = useLoad<Page<SearchHit>>(`search ${words}`, (signal) => (words === "" ? Promise.resolve({ items: [] }) : post<Page<SearchHit>>("/search", { query: words, limit: 30 }, { signal })));
  const hits = found.data?.items ?? [];
  const terms = [...new Set([...words.split(/\s+/), ...termsOf(words)])].filter((word) => word.length >= 2);
  return (
    <Shell room="shelves" title={t.search.title} side={<ShelfSide current="" />} sideLabel={t.shelves.list}>
      <div class="main__pad">
        <div class="page-head"><h1>{t.search.title}</h1><p class="page-head__lead">{t.search.words(words)}</p></div>
        <ListState loading={found.loading} error={found.error && errorWords(found.error)} empty={!found.loading && hits.length === 0 && t.search.empty} retry={() => void found.reload()} />
        {hits.length > 0 && (
          <ul class="near" aria-label={t.search.results}>
            {hits.map((hit) => (
              <li class="near__item" key={hit.passage_id}>
                <div class="near__head">
                  <a href={`/documents/${encodeURIComponent(hit.document_id)}?passage=${encodeURIComponent(hit.passage_id)}`}><b>{hit.document_name}</b></a>
                  <LevelChip value={hit.level} /><span>{t.sources.shelf(hit.shelf_name)}</span><span>{placeWords(hit)}</span><OcrMark value={hit.ocr} />
                </div>
                <p class="near__quote">{markTerms(excerpt(hit.text, 160), terms).map((piece, index) => (piece.hit ? <span class="term" key={index}>{piece.text}</span> : piece.text))}</p>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Shell>
  );
}
