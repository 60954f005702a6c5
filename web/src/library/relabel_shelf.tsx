import { useState } from "preact/hooks";
import { asApiError, post } from "../api/client";
import type { Shelf } from "../api/types";
import { errorWords, t } from "../text";
import { Dialog } from "../ui/parts";
import { FieldError, TextField } from "../ui/text_input";
import { toast } from "../ui/toast";
import { LabelFields, type ChosenLabel } from "./label_fields";

const leastReason = 5;

/** Gives a shelf another label. The reason goes into the audit log; only an operator may lower. */
export function RelabelDialog({ shelf, onClose, onDone }: { shelf: Shelf; onClose: () => void; onDone: () => void }) {
  const [label, setLabel] = useState<ChosenLabel>({ level: String(shelf.level), readers: shelf.readers.flat(), handling: shelf.handling ?? [] });
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const short = [...reason.trim()].length < leastReason;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (busy || short || label.readers.length === 0) return;
    setBusy(true);
    try {
      await post<Shelf>(`/shelves/${encodeURIComponent(shelf.id)}/label`, { level: Number(label.level), readers: label.readers, handling: label.handling, reason: reason.trim() });
      toast(t.shelves.relabelled);
      onDone();
    } catch (cause) {
      const failure = asApiError(cause);
      setError(failure.code === "denied" ? t.shelves.relabelDenied : errorWords(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title={t.shelves.relabel} onClose={onClose}>
      <form class="dialog__text" noValidate onSubmit={(event) => void submit(event)}>
        <p>{t.shelves.relabelNote}</p>
        <LabelFields label={label} set={setLabel} tried={tried} />
        <TextField title={t.shelves.reason} required value={reason} onText={setReason} hint={t.shelves.reasonHint} error={tried && short ? t.shelves.reasonMissing : null} />
        {error && <FieldError text={error} />}
        <div class="dialog__acts">
          <button class="btn btn--secondary" type="button" onClick={onClose}>{t.cancel}</button>
          <button class="btn btn--primary" type="submit" aria-disabled={busy || undefined}>{t.shelves.relabelIt}</button>
        </div>
      </form>
    </Dialog>
  );
}
