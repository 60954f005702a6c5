import { useEffect, useState } from "preact/hooks";
import { go } from "../app/router";
import { t } from "../text";
import { LevelChip } from "../ui/parts";
import { SearchField } from "../ui/text_input";
import { loadShelves, shelves } from "./shelves";

export function ShelfSide({ current }: { current: string | null }) {
  const [words, setWords] = useState("");
  useEffect(() => { if (shelves.peek() === null) void loadShelves(); }, []);
  const all = shelves.value ?? [];
  const search = (): void => { if (words.trim()) go(`/search?q=${encodeURIComponent(words.trim())}`); };
  return (
    <>
      <div class="side__top"><SearchField label={t.search.label} value={words} onText={setWords} onEnter={search} /></div>
      <div class="side__group">
        <ul><li><a class="item" href="/shelves" aria-current={current === null ? "page" : undefined}><span class="item__text">{t.shelves.all}</span><span class="item__end num">{all.length}</span></a></li></ul>
      </div>
      {all.length > 0 && (
        <div class="side__group">
          <h2 class="side__head">{t.shelves.title}</h2>
          <ul>
            {all.map((shelf) => (
              <li key={shelf.id}>
                <a class="item" href={`/shelves/${encodeURIComponent(shelf.id)}`} aria-current={current === shelf.id ? "page" : undefined}>
                  <span class="item__text">{shelf.name}</span><LevelChip value={shelf.level} compact />
                </a>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
