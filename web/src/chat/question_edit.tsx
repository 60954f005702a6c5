import { useEffect, useRef, useState } from "preact/hooks";
import { sendMode } from "../app/preferences";
import { session } from "../app/session";
import { t } from "../text";
import { sends } from "../ui/composition";
import { FieldError, TextInput, type TextElement } from "../ui/text_input";
import { ask, editDraft, readDraft, writeDraft } from "./store";
import type { TurnView } from "./turn_state";

/** A question put in other words, in its own place: its answer stands beside the first. */
export function QuestionEdit({ turn, onClose }: { turn: TurnView; onClose: () => void }) {
  const [text, setText] = useState(() => readDraft(editDraft(turn)) || turn.question);
  const field = useRef<TextElement>(null);
  useEffect(() => { field.current?.focus(); field.current?.setSelectionRange(text.length, text.length); }, []);
  const limit = session.value?.limits.question_characters ?? 8000;
  const length = Array.from(text).length;
  const blocked = text.trim() === "" || length > limit;
  const type = (value: string): void => { setText(value); writeDraft(editDraft(turn), value); };
  const send = (): void => {
    if (blocked) return;
    void ask({ question: text, mode: turn.mode, shelves: turn.shelves, beside: { turn, as: "edit_of" } });
    onClose();
  };
  const leave = (): void => { writeDraft(editDraft(turn), ""); onClose(); };
  return (
    <form class="edit" aria-label={t.editQuestion} onSubmit={(event) => { event.preventDefault(); send(); }} onKeyDown={(event) => { if (event.key === "Escape" && !event.isComposing) leave(); }}>
      <label class="sr-only" for={`edit-${turn.id}`}>{t.editQuestion}</label>
      <TextInput id={`edit-${turn.id}`} multiline rows={3} value={text} onText={type} inputRef={field} invalid={length > limit}
        onEnter={(event) => { if (!sends(sendMode.value, event)) return false; send(); return true; }} />
      {length > limit && <FieldError text={t.composer.over(length - limit)} />}
      <div class="edit__acts">
        <span class="note wide-only">{t.editNote}</span>
        <button class="btn btn--secondary btn--s" type="button" onClick={leave}>{t.cancel}</button>
        <button class="btn btn--primary btn--s" type="submit" aria-disabled={blocked || undefined}>{t.composer.send}</button>
      </div>
    </form>
  );
}
