import { useEffect, useState } from "preact/hooks";
import type { ConversationRow, Folder } from "../api/types";
import { go, place, rename } from "../app/router";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { Icon } from "../ui/icons";
import { ActionMenu } from "../ui/menu";
import { LevelChip, ListState } from "../ui/parts";
import { SearchField } from "../ui/text_input";
import { Windowed } from "../ui/windowed";
import { DeleteFolderDialog, FolderNameDialog } from "./conversation_dialogs";
import { ConversationMenu } from "./conversation_menu";
import { ConversationSide } from "./conversation_side";
import { chosenList, folders, loadChosen, type Choice, type View } from "./conversations";
import { linesOf } from "./days";
import { FoundConversations } from "./found_conversations";

const views: View[] = ["open", "archived", "deleted"];

function addressOf(choice: { view?: View; folder?: string | null; words?: string }): string {
  const pairs = [choice.words && `q=${encodeURIComponent(choice.words)}`, choice.folder && `folder=${encodeURIComponent(choice.folder)}`, choice.view && choice.view !== "open" && `view=${choice.view}`];
  const search = pairs.filter(Boolean).join("&");
  return search ? `/questions?${search}` : "/questions";
}

/** All earlier questions: day by day, in folders, put away, deleted; or those in which some words stand. */
export function HistoryPage() {
  const search = place.value.search;
  const view = views.find((one) => one === search.get("view")) ?? "open";
  const folder = search.get("folder");
  const words = search.get("q") ?? "";
  useEffect(() => { if (words === "") void loadChosen({ view, folder }); }, [view, folder, words === ""]);
  const chosen = folders.value.find((one) => one.id === folder) ?? null;
  const heading = words !== "" ? t.order.search : chosen?.name ?? t.history.heading;
  return (
    <Shell room="ask" title={heading} side={<ConversationSide />} sideLabel={t.history.list}>
      <div class="main__pad">
        <div class="page-head">
          <h1>{heading}</h1>
          {chosen && words === "" && <div class="page-head__end"><FolderMenu of={chosen} /></div>}
          <p class="page-head__lead">{words !== "" ? t.order.searchLead : chosen ? t.order.folderLead : t.order.leads[view]}</p>
        </div>
        <Words words={words} />
        {words !== "" ? <FoundConversations words={words} key={words} /> : (
          <>
            <Views view={view} folder={folder} />
            <Rows choice={{ view, folder }} />
          </>
        )}
      </div>
    </Shell>
  );
}

const waitMs = 600;

/** Searches when somebody stops typing, and at once on Enter. */
function Words({ words }: { words: string }) {
  const [text, setText] = useState(words);
  useEffect(() => setText(words), [words]);
  const search = (): void => { if (text.trim() !== words) rename(addressOf({ words: text.trim() })); };
  useEffect(() => {
    const timer = setTimeout(search, waitMs);
    return () => clearTimeout(timer);
  }, [text]);
  return <div class="history__search"><SearchField label={t.order.search} value={text} onText={setText} onEnter={search} /></div>;
}

function Views({ view, folder }: { view: View; folder: string | null }) {
  const [making, setMaking] = useState(false);
  return (
    <nav class="history__views" aria-label={t.order.views}>
      {views.map((one) => <a class="tab" key={one} href={addressOf({ view: one })} aria-current={one === view && folder === null ? "page" : undefined}>{t.order.viewNames[one]}</a>)}
      {folders.value.map((one) => <a class="tab" key={one.id} href={addressOf({ folder: one.id })} aria-current={one.id === folder ? "page" : undefined}><Icon name="folder" small />{one.name}<span class="tab__count">{one.conversations}</span></a>)}
      <button class="tool" type="button" onClick={() => setMaking(true)}><Icon name="plus" small />{t.order.newFolder}</button>
      {making && <FolderNameDialog of={null} onClose={() => setMaking(false)} />}
    </nav>
  );
}

function FolderMenu({ of }: { of: Folder }) {
  const [asking, setAsking] = useState<"rename" | "delete" | null>(null);
  return (
    <>
      <ActionMenu label={t.order.folder} of={t.of(of.name)} items={[
        { icon: "pen", word: t.order.renameFolder, act: () => setAsking("rename") },
        { icon: "bin", word: t.order.deleteFolder, act: () => setAsking("delete") },
      ]} />
      {asking === "rename" && <FolderNameDialog of={of} onClose={() => setAsking(null)} />}
      {asking === "delete" && <DeleteFolderDialog of={of} onClose={() => setAsking(null)} onDone={() => { setAsking(null); go("/questions"); }} />}
    </>
  );
}

function Rows({ choice }: { choice: Choice }) {
  const { items, loading, loaded, error, next } = chosenList.value;
  const more = next === null ? {} : { onEnd: () => void loadChosen(choice, true) };
  return (
    <>
      <ListState loading={loading && items.length === 0} error={error && errorWords(error)} empty={loaded && items.length === 0 && (choice.folder ? t.order.emptyFolder : t.order.empty[choice.view])} retry={() => void loadChosen(choice)} />
      <Windowed items={linesOf(items)} keyOf={(line) => line.key} estimate={49} {...more}>
        {(line) => ("head" in line ? <h2 class="rows__head">{t.order.head(line.head, Date.now())}</h2> : <Row row={line.row} inFolder={choice.folder !== null} />)}
      </Windowed>
    </>
  );
}

function Row({ row, inFolder }: { row: ConversationRow; inFolder: boolean }) {
  const folder = inFolder ? null : folders.value.find((one) => one.id === row.folder_id) ?? null;
  const deleted = row.deleted_ms !== null;
  return (
    <div class="rows__row">
      {deleted ? <span class="rows__name">{row.title}</span> : <a class="rows__name" href={`/questions/${encodeURIComponent(row.id)}`}>{row.pinned && <Icon name="pin" small />}{row.title}</a>}
      {row.running_turn_id !== null && <span class="note">{t.history.running}</span>}
      {folder && <span class="note rows__folder"><Icon name="folder" small />{folder.name}</span>}
      {row.deleted_ms !== null && <span class="note">{t.order.deletedUntil(row.deleted_ms)}</span>}
      <LevelChip value={row.level} compact /><span class="note num">{row.pinned ? t.when(row.updated_ms, Date.now()) : t.time(row.updated_ms)}</span>
      <span class="rows__acts"><ConversationMenu of={row} /></span>
    </div>
  );
}
