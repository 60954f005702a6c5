import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { sendMode } from "../app/preferences";
import { session } from "../app/session";
import { scope, scopeShelves, shelves } from "../library/shelves";
import { errorNext, errorWords, t } from "../text";
import { sends } from "../ui/composition";
import { StopIcon } from "../ui/icons";
import { Banner } from "../ui/parts";
import { AttachButton, AttachmentList } from "./attachment_list";
import { attach, attachDropped, attachmentsBusy, attachmentShelf, leftOut, pasted } from "./attachments";
import { markdownOf, tableOf } from "./table_paste";
import { FieldError, TextInput, type TextElement } from "../ui/text_input";
import { ScopeChoice } from "./scope_choice";
import { answering, ask, composerText, current, readDraft, sendError, stop, writeDraft } from "./store";

const saveAtOnce = 4000;
/** From so many characters on the field keeps one height: the browser measures all of a longer text at every stroke. */
const long = 10_000;

/** A table that was pasted, and the text that it is in the question. */
interface Pasted { rows: string[][]; text: string }

/** Where a question is written. What was typed stays on this device until it is sent. */
export function Composer({ id, first }: { id: string; first: boolean }) {
  const [text, setText] = useState(() => readDraft(id));
  const field = useRef<TextElement>(null);
  const serial = useRef(composerText.peek().serial);
  const before = useRef(id);
  const [stopping, setStopping] = useState(false);
  const uid = useId();

  useEffect(() => {
    if (before.current === id) return;
    const justStarted = before.current === "" && answering.peek() && current.peek().id === id;
    before.current = id;
    if (justStarted) writeDraft(id, text);
    else setText(readDraft(id));
  }, [id]);
  const put = composerText.value;
  useEffect(() => {
    if (put.serial === serial.current) return;
    serial.current = put.serial;
    type(put.text);
    field.current?.focus();
    field.current?.setSelectionRange(put.text.length, put.text.length);
  }, [put.serial]);
  useEffect(() => { if (!answering.value) setStopping(false); }, [answering.value]);
  useLayoutEffect(() => grow(field.current), [text]);

  const unsaved = useRef<{ id: string; text: string } | null>(null);
  const save = (): void => {
    if (unsaved.current) writeDraft(unsaved.current.id, unsaved.current.text);
    unsaved.current = null;
  };
  const type = (value: string): void => { setText(value); unsaved.current = { id, text: value }; if (value.length < saveAtOnce) save(); };
  // A long text is not written to the disk at every stroke, but before anything can take it away.
  useEffect(() => {
    const timer = setTimeout(save, 500);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    window.addEventListener("pagehide", save);
    return () => { save(); window.removeEventListener("pagehide", save); };
  }, [id]);
  const limit = session.value?.limits.question_characters ?? 8000;
  const length = Array.from(text).length;
  const over = length > limit;
  const nowhere = scope.value.mode === "shelves" && shelves.value !== null && scopeShelves.value.length === 0;
  const reading = attachmentsBusy();
  const fromAttached = attachmentShelf();
  const blocked = text.trim() === "" || over || (nowhere && !fromAttached) || reading || answering.value;
  const [table, setTable] = useState<Pasted | null>(null);

  const submit = (): void => {
    if (blocked) return;
    save();
    setText(""); // The draft stays until the server has the question.
    const ids = scope.value.shelves ?? (shelves.value ?? []).map((shelf) => shelf.id);
    setTable(null);
    leftOut.value = null;
    if (fromAttached) void ask({ question: text, mode: "shelves", shelves: [fromAttached.shelf, ...(fromAttached.only || scope.value.mode === "none" ? [] : ids)], attachments: fromAttached.shelf });
    else void ask({ question: text, mode: scope.value.mode, shelves: scope.value.mode === "shelves" ? ids : [] });
  };
  const onEnter = (event: KeyboardEvent): boolean => {
    if (!sends(sendMode.value, event)) return false;
    submit();
    return true;
  };
  const paste = (event: ClipboardEvent): void => {
    const raw = (event.clipboardData?.getData("text/plain") ?? "").replace(/\r\n?/g, "\n");
    const rows = tableOf(raw);
    const files = [...(event.clipboardData?.files ?? [])];
    // A spreadsheet gives a picture of its cells, too: the cells are what is wanted.
    if (files.length > 0 && !rows) { event.preventDefault(); attach(pasted(files)); return; }
    const markdown = rows && /<table[\s>]/i.test(event.clipboardData?.getData("text/html") ?? "") ? markdownOf(rows) : null;
    // As if it had been typed, so that undo takes it back.
    const typed = markdown !== null && document.execCommand("insertText", false, markdown);
    if (typed) event.preventDefault();
    setTable(rows && { rows, text: typed ? markdown : raw });
  };
  const drop = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    void attachDropped(event.dataTransfer);
  };
  const error = sendError.value;
  return (
    <form class="composer" aria-label={t.composer.label} onSubmit={(event) => { event.preventDefault(); submit(); }}
      onPaste={paste} onDragOver={(event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); }} onDrop={drop}>
      <div class="composer__column">
        {error && <div class="composer__error"><Banner small kind="bad" title={t.composer.notSent} text={errorWords(error)} note={errorNext(error)} /></div>}
        <AttachmentList id={id} table={table?.rows ?? null} onTable={() => { type(text.replace(table?.text ?? "", "")); setTable(null); }} />
        <div class="composer__box" data-long={text.length > long ? "" : undefined}>
          <label class="sr-only" for={`${uid}-q`}>{t.question}</label>
          <TextInput id={`${uid}-q`} multiline bare value={text} onText={type} onEnter={onEnter} inputRef={field}
            placeholder={first ? t.composer.first : t.composer.next} describedBy={`${uid}-n`} invalid={over} />
          <div class="composer__bar">
            {!fromAttached?.only && <ScopeChoice />}
            <AttachButton />
            <div class="composer__end">
              <span class={over ? "count" : "count wide-only"} data-over={over ? "" : undefined}>{t.composer.count(length, limit)}</span>
              {answering.value
                ? <button class="btn btn--secondary btn--s" type="button" aria-disabled={stopping || undefined} onClick={() => { setStopping(true); void stop(); }}><StopIcon />{t.composer.stop}</button>
                : <button class="btn btn--primary btn--s" type="submit" aria-disabled={blocked || undefined}>{t.composer.send}</button>}
            </div>
          </div>
        </div>
        <div id={`${uid}-n`}>
          {over && <FieldError text={t.composer.over(length - limit)} />}
          {reading && <p class="note" role="status">{t.attach.reading}</p>}
          {nowhere && !fromAttached && <FieldError text={shelves.value?.length === 0 ? t.composer.noShelves : t.composer.nowhere} />}
          <p class="composer__note"><span class="wide-only">{t.send.short[sendMode.value]}</span><span>{t.composer.stays}</span></p>
        </div>
      </div>
    </form>
  );
}

/** As high as its text, up to the limit of the style; a long text has that height without being measured, which takes seconds. */
function grow(field: TextElement | null): void {
  if (!field) return;
  field.style.blockSize = field.value.length > long ? "" : "auto";
  if (field.value.length <= long) field.style.blockSize = `${field.scrollHeight}px`;
}
