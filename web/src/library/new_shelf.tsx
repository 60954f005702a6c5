import { useState } from "preact/hooks";
import { asApiError, get, post } from "../api/client";
import type { Group, Page, Shelf } from "../api/types";
import { go } from "../app/router";
import { levels, session } from "../app/session";
import { errorWords, t } from "../text_ja";
import { useLoad } from "../ui/load";
import { CheckList, Choices, Dialog, LevelChip } from "../ui/parts";
import { FieldError, TextField } from "../ui/text_input";
import { loadShelves } from "./shelves";

/** Name, label and readers. A shelf's label can be no higher than what its maker may read. */
export function NewShelfDialog({ onClose }: { onClose: () => void }) {
  const groups = useLoad("groups", (signal) => get<Page<Group>>("/groups", { signal }));
  const mine = levels.value.filter((level) => level.value <= (session.value?.user.clearance ?? 0));
  const [name, setName] = useState("");
  const [level, setLevel] = useState(String(mine[0]?.value ?? ""));
  const [readers, setReaders] = useState<string[]>([]);
  const [handling, setHandling] = useState<string[]>([]);
  const known = session.value?.handling ?? [];
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (busy || name.trim() === "" || readers.length === 0) return;
    setBusy(true);
    try {
      const shelf = await post<Shelf>("/shelves", { name: name.trim(), level: Number(level), readers, handling });
      await loadShelves();
      go(`/shelves/${encodeURIComponent(shelf.id)}`);
    } catch (cause) {
      const failure = asApiError(cause);
      setError(failure.code === "conflict" ? t.shelves.nameTaken : errorWords(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title={t.shelves.make} onClose={onClose}>
      <form class="dialog__text" noValidate onSubmit={(event) => void submit(event)}>
        <TextField title={t.shelves.nameOf} required value={name} onText={setName} hint={t.shelves.nameHint} error={tried && name.trim() === "" ? t.shelves.nameMissing : null} />
        <div class="field">
          <Choices name="level" legend={t.level} value={level} onChoice={setLevel} choices={mine.map((one) => ({ value: String(one.value), title: <LevelChip value={one.value} /> }))} />
        </div>
        {groups.error && <FieldError text={errorWords(groups.error)} />}
        <CheckList legend={t.shelves.readers} need hint={t.shelves.readersHint} chosen={readers} onChange={setReaders}
          options={(groups.data?.items ?? []).map((group) => ({ value: group.name, title: group.name }))}
          error={tried && readers.length === 0 ? t.shelves.readersMissing : null} />
        {known.length > 0 && <CheckList legend={t.shelves.handling} hint={t.shelves.handlingHint} chosen={handling} onChange={setHandling} options={known.map((one) => ({ value: one, title: one }))} />}
        {error && <FieldError text={error} />}
        <div class="dialog__acts">
          <button class="btn btn--secondary" type="button" onClick={onClose}>{t.cancel}</button>
          <button class="btn btn--primary" type="submit" aria-disabled={busy || undefined}>{t.shelves.makeIt}</button>
        </div>
      </form>
    </Dialog>
  );
}
