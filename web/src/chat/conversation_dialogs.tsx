import { useState } from "preact/hooks";
import { asApiError } from "../api/client";
import { errorWords, t } from "../text_ja";
import { ConfirmDialog, Dialog } from "../ui/parts";
import { TextField } from "../ui/text_input";
import { deleteConversation, renameConversation } from "./store";

interface Named { id: string; title: string }

export function RenameDialog({ of, onClose }: { of: Named; onClose: () => void }) {
  const [title, setTitle] = useState(of.title);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (title.trim() === "") return setError(t.history.titleMissing);
    try {
      await renameConversation(of.id, title.trim());
      onClose();
    } catch (cause) {
      setError(errorWords(asApiError(cause)));
    }
  };
  return (
    <Dialog title={t.history.rename} onClose={onClose}>
      <form class="dialog__text" noValidate onSubmit={(event) => void submit(event)}>
        <TextField title={t.history.title} value={title} onText={setTitle} error={error} />
        <div class="dialog__acts">
          <button class="btn btn--secondary" type="button" onClick={onClose}>{t.cancel}</button>
          <button class="btn btn--primary" type="submit">{t.save}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function DeleteDialog({ of, onClose, onDone }: { of: Named; onClose: () => void; onDone: () => void }) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await deleteConversation(of.id);
      onDone();
    } catch (cause) {
      setError(errorWords(asApiError(cause)));
      setBusy(false);
    }
  };
  return <ConfirmDialog title={t.history.deleteAsk(of.title)} text={t.history.deleteText} act={t.deleteIt} busy={busy} error={error} onAct={() => void act()} onClose={onClose} />;
}
