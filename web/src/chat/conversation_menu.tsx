import { useState } from "preact/hooks";
import { asApiError } from "../api/client";
import type { ConversationRow } from "../api/types";
import { errorWords, t } from "../text_ja";
import { ActionMenu, type MenuItem } from "../ui/menu";
import { toast } from "../ui/toast";
import { FolderDialog, PurgeDialog, RenameDialog } from "./conversation_dialogs";
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

/** What can be done with a conversation. `rename`: among the others, where it has no button of its own. */
export function ConversationMenu({ of, rename = true, more = [], onGone }: { of: ConversationRow; rename?: boolean; more?: MenuItem[]; onGone?: () => void }) {
  const [asking, setAsking] = useState<"rename" | "folder" | "purge" | null>(null);
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
        ...more,
        { icon: "bin", word: t.delete, act: () => deleteWithUndo(of, onGone) },
      ]} />
      {asking === "rename" && <RenameDialog of={of} onClose={close} />}
      {asking === "folder" && <FolderDialog of={of} onClose={close} />}
      {asking === "purge" && <PurgeDialog of={of} onClose={close} onDone={() => { close(); toast(t.history.deleted); }} />}
    </>
  );
}
