import { useEffect, useState } from "preact/hooks";
import type { ConversationRow } from "../api/types";
import { errorWords, t } from "../text_ja";
import { Icon } from "../ui/icons";
import { LevelChip } from "../ui/parts";
import { SearchField } from "../ui/text_input";
import { groupByDay } from "./days";
import { current, list, loadList } from "./store";

const shown = 50;

/** The left column of the chat: a new question, and earlier ones by day. */
export function ConversationSide() {
  const [words, setWords] = useState("");
  useEffect(() => { if (list.peek().items.length === 0) void loadList(); }, []);
  const { items, loading, error, next } = list.value;
  const found = words.trim() === "" ? items.slice(0, shown) : items.filter((row) => row.title.normalize("NFKC").includes(words.trim().normalize("NFKC")));
  return (
    <>
      <div class="side__top">
        <a class="btn btn--secondary btn--s" href="/"><Icon name="plus" small />{t.newQuestion}</a>
        {items.length > 0 && <SearchField label={t.history.findTitle} value={words} onText={setWords} />}
      </div>
      {error && <p class="side__empty note">{errorWords(error)}</p>}
      {items.length === 0 && !error && <p class="side__empty note">{loading ? t.loading : t.history.emptySide}</p>}
      {items.length > 0 && found.length === 0 && <p class="side__empty note" role="status">{t.history.noTitle}</p>}
      {groupByDay(found).map((group) => (
        <div class="side__group" key={group.day}>
          <h2 class="side__head">{t.dayHead(group.day, Date.now())}</h2>
          <ul>{group.rows.map((row) => <li key={row.id}><Row row={row} /></li>)}</ul>
        </div>
      ))}
      {(items.length > shown || next !== null) && <p class="side__group"><a class="tool" href="/questions">{t.history.all}<Icon name="right" small /></a></p>}
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
