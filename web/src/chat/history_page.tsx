import { useEffect, useState } from "preact/hooks";
import type { ConversationRow } from "../api/types";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text_ja";
import { Icon } from "../ui/icons";
import { LevelChip, ListState } from "../ui/parts";
import { toast } from "../ui/toast";
import { DeleteDialog, RenameDialog } from "./conversation_dialogs";
import { ConversationSide } from "./conversation_side";
import { groupByDay } from "./days";
import { list, loadList } from "./store";

/** All earlier questions, day by day. */
export function HistoryPage() {
  const [renaming, setRenaming] = useState<ConversationRow | null>(null);
  const [deleting, setDeleting] = useState<ConversationRow | null>(null);
  useEffect(() => { void loadList(); }, []);
  const { items, loading, error, next } = list.value;
  return (
    <Shell room="ask" title={t.history.heading} side={<ConversationSide />} sideLabel={t.history.list}>
      <div class="main__pad">
        <div class="page-head"><h1>{t.history.heading}</h1><p class="page-head__lead">{t.history.lead}</p></div>
        <ListState loading={loading && items.length === 0} error={error && errorWords(error)} empty={items.length === 0 && t.history.empty} retry={() => void loadList()} />
        {groupByDay(items).map((group) => (
          <section class="section section--day" key={group.day} aria-label={t.dayHead(group.day, Date.now())}>
            <h2 class="first__head">{t.dayHead(group.day, Date.now())}</h2>
            <ul class="rows">
              {group.rows.map((row) => (
                <li class="rows__row" key={row.id}>
                  <a class="rows__name" href={`/questions/${encodeURIComponent(row.id)}`}>{row.title}</a>
                  <LevelChip value={row.level} /><span class="note num">{t.time(row.updated_ms)}</span>
                  {row.running_turn_id !== null && <span class="note">{t.history.running}</span>}
                  <span class="rows__acts">
                    <button class="tool" type="button" onClick={() => setRenaming(row)}><Icon name="pen" />{t.history.rename}<span class="sr-only">{t.of(row.title)}</span></button>
                    <button class="tool" type="button" onClick={() => setDeleting(row)}><Icon name="bin" />{t.delete}<span class="sr-only">{t.of(row.title)}</span></button>
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {next !== null && <p class="more"><button class="btn btn--secondary btn--s" type="button" aria-disabled={loading || undefined} onClick={() => void loadList(true)}>{t.more}</button></p>}
      </div>
      {renaming && <RenameDialog of={renaming} onClose={() => setRenaming(null)} />}
      {deleting && <DeleteDialog of={deleting} onClose={() => setDeleting(null)} onDone={() => { setDeleting(null); toast(t.history.deleted); }} />}
    </Shell>
  );
}
