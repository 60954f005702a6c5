import { useEffect, useState } from "preact/hooks";
import type { ConversationRow } from "../api/types";
import { go } from "../app/router";
import { errorWords, t } from "../text";
import { Icon } from "../ui/icons";
import { LevelChip } from "../ui/parts";
import { SearchField } from "../ui/text_input";
import { Windowed } from "../ui/windowed";
import { folders, list, loadList } from "./conversations";
import { linesOf } from "./days";
import { current } from "./store";

/** The left column of the chat: a new question, search, folders, and earlier questions by day. */
export function ConversationSide() {
  const [words, setWords] = useState("");
  useEffect(() => { if (!list.peek().loaded) void loadList(); }, []);
  const { items, loading, error, next } = list.value;
  const search = (): void => { if (words.trim()) go(`/questions?q=${encodeURIComponent(words.trim())}`); };
  return (
    <>
      <div class="side__top">
        <a class="btn btn--secondary btn--s" href="/"><Icon name="plus" small />{t.newQuestion}</a>
        <SearchField label={t.order.search} value={words} onText={setWords} onEnter={search} />
      </div>
      <div class="side__group">
        <ul>
          <li><a class="item" href="/questions"><span class="item__text">{t.history.all}</span></a></li>
          {folders.value.map((folder) => (
            <li key={folder.id}><a class="item" href={`/questions?folder=${encodeURIComponent(folder.id)}`}><Icon name="folder" small /><span class="item__text">{folder.name}</span><span class="item__end num">{folder.conversations}</span></a></li>
          ))}
        </ul>
      </div>
      {error && <p class="side__empty note">{errorWords(error)}</p>}
      {items.length === 0 && !error && <p class="side__empty note">{loading ? t.loading : t.history.emptySide}</p>}
      <div class="side__group">
        <Windowed items={linesOf(items)} keyOf={(line) => line.key} estimate={40} {...(next !== null ? { onEnd: () => void loadList(true) } : {})}>
          {(line) => ("head" in line ? <h2 class="side__head">{t.order.head(line.head, Date.now())}</h2> : <Row row={line.row} />)}
        </Windowed>
      </div>
    </>
  );
}

function Row({ row }: { row: ConversationRow }) {
  return (
    <a class="item" href={`/questions/${encodeURIComponent(row.id)}`} aria-current={current.value.id === row.id ? "page" : undefined}>
      <span class="item__body"><span class="item__text">{row.title}</span>{row.running_turn_id !== null && <span class="item__sub">{t.history.running}</span>}</span>
      <LevelChip value={row.level} compact />
    </a>
  );
}
