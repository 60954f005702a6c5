import { useState } from "preact/hooks";
import { asApiError } from "../api/client";
import type { ConversationRow, Folder } from "../api/types";
import { errorWords, t } from "../text";
import { Choices, ConfirmDialog, Dialog } from "../ui/parts";
import { TextField } from "../ui/text_input";
import { changeConversation, deleteFolder, folders, makeFolder, purgeConversation, renameFolder } from "./conversations";
import { titleChanged } from "./store";

interface Named { id: string; title: string }

/** One field, and what happens when it is saved. `save` throws what went wrong. */
function NameDialog(props: { head: string; caption: string; value: string; missing: string; save: (text: string) => Promise<void>; onClose: () => void }) {
  const [text, setText] = useState(props.value);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text.trim() === "") return setError(props.missing);
    try {
      await props.save(text.trim());
      props.onClose();
    } catch (cause) {
      const failure = asApiError(cause);
      setError(failure.code === "conflict" ? t.order.folderTaken : errorWords(failure));
    }
  };
  return (
    <Dialog title={props.head} onClose={props.onClose}>
      <form class="dialog__text" noValidate onSubmit={(event) => void submit(event)}>
        <TextField title={props.caption} value={text} onText={setText} error={error} />
        <DialogActs word={t.save} onClose={props.onClose} />
      </form>
    </Dialog>
  );
}

function DialogActs({ word, busy, onClose }: { word: string; busy?: boolean; onClose: () => void }) {
  return (
    <div class="dialog__acts">
      <button class="btn btn--secondary" type="button" onClick={onClose}>{t.cancel}</button>
      <button class="btn btn--primary" type="submit" aria-disabled={busy || undefined}>{word}</button>
    </div>
  );
}

export function RenameDialog({ of, onClose }: { of: Named; onClose: () => void }) {
  const save = async (title: string): Promise<void> => {
    await changeConversation(of.id, { title });
    titleChanged(of.id, title);
  };
  return <NameDialog head={t.history.rename} caption={t.history.title} value={of.title} missing={t.history.titleMissing} save={save} onClose={onClose} />;
}

export function FolderNameDialog({ of, onClose }: { of: Folder | null; onClose: () => void }) {
  const save = async (name: string): Promise<void> => { await (of ? renameFolder(of.id, name) : makeFolder(name)); };
  return <NameDialog head={of ? t.order.renameFolder : t.order.newFolder} caption={t.order.folderName} value={of?.name ?? ""} missing={t.order.folderMissing} save={save} onClose={onClose} />;
}

const nowhere = "-";
const fresh = "+";

/** Puts a conversation into a folder, into a new one, or out of its folder. */
export function FolderDialog({ of, onClose }: { of: ConversationRow; onClose: () => void }) {
  const [chosen, setChosen] = useState(of.folder_id ?? nowhere);
  const [name, setName] = useState("");
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (chosen === fresh && name.trim() === "") return setError(t.order.folderMissing);
    try {
      const folder = chosen === fresh ? (await makeFolder(name.trim())).id : chosen === nowhere ? null : chosen;
      await changeConversation(of.id, { folder_id: folder });
      onClose();
    } catch (cause) {
      const failure = asApiError(cause);
      setError(failure.code === "conflict" ? t.order.folderTaken : errorWords(failure));
    }
  };
  const choices = [{ value: nowhere, title: t.order.noFolder }, ...folders.value.map((folder) => ({ value: folder.id, title: folder.name })), { value: fresh, title: t.order.newFolder }];
  return (
    <Dialog title={t.order.toFolder} onClose={onClose}>
      <form class="dialog__text" noValidate onSubmit={(event) => void submit(event)}>
        <div class="choices--rows"><Choices name="folder" legend={of.title} value={chosen} onChoice={setChosen} choices={choices} /></div>
        {chosen === fresh && <TextField title={t.order.folderName} value={name} onText={setName} error={error} />}
        {chosen !== fresh && error && <p class="field__error" role="alert">{error}</p>}
        <DialogActs word={t.save} onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** For what cannot be taken back. */
function Forever({ title, text, work, onClose, onDone }: { title: string; text: string; work: () => Promise<void>; onClose: () => void; onDone: () => void }) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await work();
      onDone();
    } catch (cause) {
      setError(errorWords(asApiError(cause)));
      setBusy(false);
    }
  };
  return <ConfirmDialog title={title} text={text} act={t.deleteIt} busy={busy} error={error} onAct={() => void act()} onClose={onClose} />;
}

export function PurgeDialog({ of, onClose, onDone }: { of: Named; onClose: () => void; onDone: () => void }) {
  return <Forever title={t.order.purgeAsk(of.title)} text={t.history.deleteText} work={() => purgeConversation(of.id)} onClose={onClose} onDone={onDone} />;
}

export function DeleteFolderDialog({ of, onClose, onDone }: { of: Folder; onClose: () => void; onDone: () => void }) {
  return <Forever title={t.order.deleteFolderAsk(of.name)} text={t.order.deleteFolderText(of.conversations)} work={() => deleteFolder(of.id)} onClose={onClose} onDone={onDone} />;
}
