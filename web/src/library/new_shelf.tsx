import { useState } from "preact/hooks";
import { asApiError, post } from "../api/client";
import type { Shelf } from "../api/types";
import { go } from "../app/router";
import { errorWords, t } from "../text";
import { Dialog } from "../ui/parts";
import { FieldError, TextField } from "../ui/text_input";
import { LabelFields, readableLevels, type ChosenLabel } from "./label_fields";
import { loadShelves } from "./shelves";

/** Name and label. */
export function NewShelfDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [label, setLabel] = useState<ChosenLabel>({ level: String(readableLevels()[0]?.value ?? ""), readers: [], handling: [] });
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (busy || name.trim() === "" || label.readers.length === 0) return;
    setBusy(true);
    try {
      const shelf = await post<Shelf>("/shelves", { name: name.trim(), level: Number(label.level), readers: label.readers, handling: label.handling });
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
        <LabelFields label={label} set={setLabel} tried={tried} />
        {error && <FieldError text={error} />}
        <div class="dialog__acts">
          <button class="btn btn--secondary" type="button" onClick={onClose}>{t.cancel}</button>
          <button class="btn btn--primary" type="submit" aria-disabled={busy || undefined}>{t.shelves.makeIt}</button>
        </div>
      </form>
    </Dialog>
  );
}
