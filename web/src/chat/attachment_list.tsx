import { useEffect, useRef, useState } from "preact/hooks";
import { asApiError } from "../api/client";
import { levels, session } from "../app/session";
import { DocumentState } from "../library/document_rows";
import { DropNote } from "../library/drop_note";
import { dropUpload, retryUpload, uploads, type Upload } from "../library/upload";
import { documentErrorWords, errorWords, t } from "../text";
import { Icon } from "../ui/icons";
import { Banner, Choices, Dialog, LevelChip, ProgressRow, Status } from "../ui/parts";
import { FieldError } from "../ui/text_input";
import { toast } from "../ui/toast";
import { answerFrom, attach, attachAs, attached, attachError, detach, leftOut, readAgain, showAttached, waiting } from "./attachments";
import { rowOf } from "./conversations";
import { csvOf } from "./table_paste";

/** The button that takes files. */
export function AttachButton() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button class="tool" type="button" onClick={() => input.current?.click()}><Icon name="clip" /><span class="wide-only">{t.attach.add}</span><span class="sr-only narrow-name">{t.attach.add}</span></button>
      <input class="sr-only" type="file" multiple tabIndex={-1} aria-label={t.attach.add} ref={input} onChange={(event) => { attach([...(event.currentTarget.files ?? [])]); event.currentTarget.value = ""; }} />
    </>
  );
}

/** What is attached, file by file, and what to do about it. */
export function AttachmentList({ id, table, onTable }: { id: string; table: string[][] | null; onTable: () => void }) {
  const shelf = rowOf(id)?.attachments ?? null;
  useEffect(() => showAttached(id, shelf), [id, shelf]);
  const now = attached.value;
  const files = now ? uploads.value.filter((upload) => upload.shelf === now.shelf) : [];
  const act = (work: Promise<void>): void => { work.catch((cause: unknown) => toast(errorWords(asApiError(cause)))); };
  return (
    <>
      {waiting.value.length > 0 && <LabelDialog id={id} />}
      <DropNote dropped={leftOut.value} />
      {attachError.value && <Banner small kind="bad" title={errorWords(attachError.value)} />}
      {table && (
        <div class="attached__offer"><span>{t.attach.table(table.length, table[0]?.length ?? 0)}</span>
          <button class="btn btn--secondary btn--s" type="button" onClick={() => { attach([new File([csvOf(table)], t.attach.tableName, { type: "text/csv" })]); onTable(); }}>{t.attach.asTable}</button>
        </div>
      )}
      {now && (files.length > 0 || now.documents.length > 0) && (
        <details class="attached" open={id === "" || files.length > 0 || now.documents.some((document) => document.state !== "ready")}>
          <summary class="tool">{t.attach.count(files.length + now.documents.length)}{now.level > 0 && <LevelChip value={now.level} compact />}</summary>
          <ul class="attached__list" aria-label={t.attach.list}>
            {files.map((upload) => <li key={`u${upload.key}`}><Arriving upload={upload} /></li>)}
            {now.documents.map((document) => (
              <li class="attached__file" key={document.id}>
                <Icon name="paper" small /><b><bdi>{document.name}</bdi></b><div class="attached__state"><DocumentState document={document} /></div>
                {document.state === "failed" && <button class="btn btn--secondary btn--s" type="button" onClick={() => act(readAgain(document))}>{t.documents.retry}<span class="sr-only">{t.of(document.name)}</span></button>}
                <button class="tool" type="button" onClick={() => act(detach(document))}><Icon name="close" small /><span class="sr-only">{t.attach.remove(document.name)}</span></button>
              </li>
            ))}
          </ul>
          <div class="attached__foot">
            <label class="choice"><input type="checkbox" checked={now.only} onChange={(event) => answerFrom(event.currentTarget.checked)} /><span class="choice__body">{t.attach.only}</span></label>
          </div>
        </details>
      )}
    </>
  );
}

export function Arriving({ upload }: { upload: Upload }) {
  const { file, sent, state, error } = upload;
  return (
    <div class="attached__file">
      <Icon name="paper" small /><b><bdi>{file.name}</bdi></b>
      <div class="attached__state">
        {state === "waiting" && <Status kind="wait">{t.documents.toSend}</Status>}
        {state === "sending" && <ProgressRow words={<Status kind="busy">{t.documents.sending}</Status>} figures={t.documents.sent(sent, file.size)} max={Math.max(1, file.size)} value={sent} label={t.documents.sendingOf(file.name)} />}
        {state === "failed" && error && <><Status kind="bad">{t.documents.notSent}</Status><p class="reason">{error.code === "empty_file" ? documentErrorWords(error) : errorWords(error)}</p></>}
      </div>
      {state === "failed" && error && error.code !== "too_large" && error.code !== "empty_file" && <button class="btn btn--secondary btn--s" type="button" onClick={() => retryUpload(upload.key, () => attach([]))}>{t.documents.sendAgain}</button>}
      {state === "failed" && <button class="tool" type="button" onClick={() => dropUpload(upload.key)}><Icon name="close" small /><span class="sr-only">{t.attach.remove(file.name)}</span></button>}
    </div>
  );
}

/** The label of what is attached, chosen once for a conversation; the highest that the person may read is offered first. */
function LabelDialog({ id }: { id: string }) {
  const mine = levels.value.filter((level) => level.value <= (session.value?.user.clearance ?? 0));
  const [level, setLevel] = useState(String(mine[mine.length - 1]?.value ?? 1));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await attachAs(Number(level), id);
    } catch (cause) {
      setError(errorWords(asApiError(cause)));
      setBusy(false);
    }
  };
  return (
    <Dialog title={t.attach.labelTitle} onClose={() => { waiting.value = []; }}>
      <form class="dialog__text stack" noValidate onSubmit={(event) => void submit(event)}>
        <p>{t.join(waiting.value.map((file) => file.name))}</p>
        <p class="note">{t.attach.labelText}</p>
        <div class="field"><Choices name="attached-level" legend={t.level} value={level} onChoice={setLevel} choices={mine.map((one) => ({ value: String(one.value), title: <LevelChip value={one.value} /> }))} /></div>
        {error && <FieldError text={error} />}
        <div class="dialog__acts">
          <button class="btn btn--secondary" type="button" onClick={() => { waiting.value = []; }}>{t.cancel}</button>
          <button class="btn btn--primary" type="submit" aria-disabled={busy || undefined}>{t.attach.act}</button>
        </div>
      </form>
    </Dialog>
  );
}
