import { useId, useState } from "preact/hooks";
import { asApiError } from "../api/client";
import type { Rating, RatingReason } from "../api/types";
import { errorWords, t } from "../text";
import { toast } from "../ui/toast";
import { TextInput } from "../ui/text_input";
import { rate } from "./store";
import type { TurnView } from "./turn_state";

const reasons: RatingReason[] = ["wrong", "unsupported", "incomplete", "wording"];

async function keep(turn: TurnView, rating: Rating | null): Promise<boolean> {
  try {
    await rate(turn, rating);
    toast(rating ? t.rating.kept : t.rating.takenBack);
    return true;
  } catch (cause) {
    toast(errorWords(asApiError(cause)));
    return false;
  }
}

/** Two words under an answer; the second asks what is to be put right. */
export function RatingTools({ turn, open, setOpen }: { turn: TurnView; open: boolean; setOpen: (open: boolean) => void }) {
  const good = turn.rating?.good === true;
  const bad = turn.rating?.good === false;
  return (
    <>
      <button class="tool" type="button" aria-pressed={good} onClick={() => { setOpen(false); void keep(turn, good ? null : { good: true, reasons: [], note: "" }); }}>{t.rating.good}</button>
      <button class="tool" type="button" aria-expanded={open} aria-pressed={bad} onClick={() => setOpen(!open)}>{t.rating.bad}</button>
    </>
  );
}

export function RatingForm({ turn, onClose }: { turn: TurnView; onClose: () => void }) {
  const before = turn.rating?.good === false ? turn.rating : null;
  const [chosen, setChosen] = useState<RatingReason[]>(before?.reasons ?? []);
  const [note, setNote] = useState(before?.note ?? "");
  const id = useId();
  const send = async (): Promise<void> => { if (await keep(turn, { good: false, reasons: chosen, note: note.trim() })) onClose(); };
  const flip = (reason: RatingReason): void => setChosen(chosen.includes(reason) ? chosen.filter((one) => one !== reason) : [...chosen, reason]);
  return (
    <fieldset class="rate">
      <legend class="field__label">{t.rating.ask}</legend>
      <div class="rate__list">
        {reasons.map((reason) => (
          <label class="choice" key={reason}><input type="checkbox" checked={chosen.includes(reason)} onChange={() => flip(reason)} /><span class="choice__body">{t.rating.reasons[reason]}</span></label>
        ))}
      </div>
      <div class="rate__send">
        <label class="sr-only" for={id}>{t.rating.note}</label>
        <TextInput id={id} small value={note} placeholder={t.rating.note} onText={(text) => setNote(Array.from(text).slice(0, 500).join(""))} onEnter={() => { void send(); return true; }} />
        <button class="btn btn--secondary btn--s" type="button" onClick={() => void send()}>{t.rating.send}</button>
      </div>
      <p class="note">{t.rating.seen}</p>
    </fieldset>
  );
}
