import { useState } from "preact/hooks";
import { asApiError } from "../api/client";
import type { ConversationRow } from "../api/types";
import { go } from "../app/router";
import { errorWords, t } from "../text";
import { ActionMenu } from "../ui/menu";
import { toast } from "../ui/toast";
import { FolderDialog, PurgeDialog, RenameDialog } from "./conversation_dialogs";
import { ExportDialog } from "./export_dialog";
import { ask, leave } from "./store";
import { changeConversation, deleteConversation, restoreConversation } from "./conversations";

/** Does it, and says that it is done or why not. */
function doing(work: () => Promise<unknown>, done: () => void): void {
  work().then(done, (cause: unknown) => toast(errorWords(asApiError(cause))));
}

/** Deletes at once: it can be taken back. */
export function deleteWithUndo(of: { id: string; title: string }, after?: () => void): void {
  doing(() => deleteConversation(of), () => {
    toast(t.order.deleted(of.title), { word: t.undo, run: () => restore(of) });
    after?.();
  });
}

function restore(of: { id: string; title: string }): void {
  doing(() => restoreConversation(of.id), () => toast(t.order.restored(of.title)));
}

function archive(of: ConversationRow): void {
  const archived = !of.archived;
  doing(() => changeConversation(of.id, { archived }), () => {
    toast(archived ? t.order.archived(of.title) : t.order.unarchived(of.title), { word: t.undo, run: () => archive({ ...of, archived }) });
  });
}

/** Begins a new conversation with a summary of this one. */
function summarise(id: string): void {
  leave();
  go("/");
  void ask({ question: t.summary.question, mode: "none", shelves: [], summaryOf: id });
}

const longTurns = 20;

/** Long conversations are answered from their last part alone: offers to go on from a summary. */
export function LongTalk({ id, turns, leftOut }: { id: string; turns: number; leftOut: boolean }) {
  if (id === "" || (turns < longTurns && !leftOut)) return null;
  return <p class="note long-talk">{t.summary.long}<button class="btn btn--secondary btn--s" type="button" onClick={() => summarise(id)}>{t.summary.act}</button></p>;
}

/** What can be done with a conversation. `rename`: among the others, where it has no button of its own. */
export function ConversationMenu({ of, rename = true, onGone }: { of: ConversationRow; rename?: boolean; onGone?: () => void }) {
  const [asking, setAsking] = useState<"rename" | "folder" | "purge" | "export" | null>(null);
  const close = (): void => setAsking(null);
  const deleted = of.deleted_ms !== null;
  return (
    <>
      <ActionMenu label={t.acts} of={t.of(of.title)} items={deleted ? [
        { icon: "again", word: t.undo, act: () => restore(of) },
        { icon: "bin", word: t.order.purge, act: () => setAsking("purge") },
      ] : [
        !of.archived && { icon: "pin", word: of.pinned ? t.order.unpin : t.order.pin, act: () => doing(() => changeConversation(of.id, { pinned: !of.pinned }), () => undefined) },
        rename && { icon: "pen", word: t.history.rename, act: () => setAsking("rename") },
        { icon: "folder", word: t.order.toFolder, act: () => setAsking("folder") },
        { icon: "box", word: of.archived ? t.order.unarchive : t.order.archive, act: () => archive(of) },
        { icon: "inspect", word: t.summary.act, act: () => summarise(of.id) },
        { icon: "save", word: t.exports.act, act: () => setAsking("export") },
        { icon: "bin", word: t.delete, act: () => deleteWithUndo(of, onGone) },
      ]} />
      {asking === "rename" && <RenameDialog of={of} onClose={close} />}
      {asking === "folder" && <FolderDialog of={of} onClose={close} />}
      {asking === "export" && <ExportDialog title={of.title} level={of.level} path={`/conversations/${encodeURIComponent(of.id)}`} onClose={close} />}
      {asking === "purge" && <PurgeDialog of={of} onClose={close} onDone={() => { close(); toast(t.history.deleted); }} />}
    </>
  );
}
