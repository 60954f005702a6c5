import { useState } from "preact/hooks";
import type { LibraryDocument } from "../api/types";
import { may } from "../app/session";
import { documentErrorWords, errorWords, noteSummary, personalWords, t } from "../text";
import { Icon } from "../ui/icons";
import { ProgressRow, Status } from "../ui/parts";
import { TextField } from "../ui/text_input";
import { dropUpload, retryUpload, type Upload } from "./upload";

/** Failed, or read with gaps. */
export function needsCare(document: LibraryDocument): boolean {
  return document.state === "failed" || (document.state === "ready" && (document.notes.some((note) => note.code !== "ocr") || !!document.personal));
}

export function DocumentState({ document }: { document: LibraryDocument }) {
  switch (document.state) {
    case "arriving": return <Status kind="busy">{t.documents.arriving}</Status>;
    case "waiting": return <Status kind="wait">{t.documents.waiting}</Status>;
    case "reading": {
      if (document.pages === 0) return <Status kind="busy">{t.documents.reading}</Status>;
      const percent = Math.floor((100 * document.pages_read) / document.pages);
      return <ProgressRow words={<Status kind="busy">{t.documents.readingPercent(percent)}</Status>} max={document.pages} value={document.pages_read} label={t.documents.readingOf(document.name)} />;
    }
    case "ready": return document.notes.length > 0 && !document.personal && document.notes.every((note) => note.code === "ocr")
      ? <><Status kind="ok">{t.documents.ready}</Status><p class="reason">{noteSummary(document.notes, document.pages)}</p></>
      : document.personal
      ? <><Status kind="warn">{t.documents.personal}</Status><p class="reason">{personalWords(document.personal.found)}</p></>
      : document.notes.length > 0
      ? <><Status kind="warn">{t.documents.partly}</Status><p class="reason">{noteSummary(document.notes, document.pages)}</p></>
      : <Status kind="ok">{t.documents.ready}</Status>;
    case "failed": return <><Status kind="bad">{t.documents.unreadable}</Status><p class="reason">{documentErrorWords(document.error)}</p></>;
  }
}

/** Asks for the password of a document that has one. It is sent once and kept nowhere. */
export function PasswordForm({ document, open }: { document: LibraryDocument; open: (password: string) => void }) {
  const [password, setPassword] = useState("");
  const send = (event: Event): void => {
    event.preventDefault();
    if (password !== "") open(password);
    setPassword("");
  };
  return (
    <form class="row-acts" onSubmit={send} autocomplete="off">
      <TextField small title={t.documents.passwordOf(document.name)} hint={t.documents.passwordHint} type="password" autocomplete="off" value={password} onText={setPassword} />
      <button class="btn btn--secondary btn--s" type="submit" disabled={password === ""}>{t.documents.openWithPassword}</button>
    </form>
  );
}

/** A PDF or zip with a password can be opened here; other formats have to be saved without one. */
export function takesPassword(document: LibraryDocument): boolean {
  return document.state === "failed" && document.error?.code === "encrypted" && /\.(pdf|zip)$/i.test(document.name);
}

export function DocumentRow({ document, retry, remove }: { document: LibraryDocument; retry: (password?: string) => void; remove: (() => void) | null }) {
  const reading = document.state === "reading" && document.pages > 0;
  return (
    <tr role="row">
      <th scope="row" role="rowheader">{document.state === "ready" ? <a href={`/documents/${encodeURIComponent(document.id)}`}><bdi>{document.name}</bdi></a> : <b><bdi>{document.name}</bdi></b>}{document.replaces && document.state !== "ready" && <span class="note by">{t.documents.newVersion}</span>}</th>
      <td role="cell" data-head={t.state} class="cell-state">
        <div>
          <DocumentState document={document} />
          {takesPassword(document) && may.add() && <PasswordForm document={document} open={retry} />}
          {document.state === "failed" && !takesPassword(document) && may.add() && <div class="row-acts"><button class="btn btn--secondary btn--s" type="button" onClick={() => retry()}>{t.documents.retry}<span class="sr-only">{t.of(document.name)}</span></button></div>}
        </div>
      </td>
      <td role="cell" data-head={t.documents.pages} class="is-num">{reading ? `${document.pages_read} / ${document.pages}` : document.pages > 0 ? document.pages : ""}</td>
      <td role="cell" data-head={t.documents.added} class="is-tight"><span><span class="num">{t.when(document.created_ms, Date.now())}</span><span class="note by">{document.added_by}</span></span></td>
      <td role="cell" class="is-end is-menu">{remove && <button class="tool tool--edge" type="button" onClick={remove}><Icon name="bin" /><span class="sr-only">{t.documents.deleteOf(document.name)}</span></button>}</td>
    </tr>
  );
}

export function UploadRow({ upload, arrived }: { upload: Upload; arrived: (document: LibraryDocument) => void }) {
  const { file, sent, state, error } = upload;
  return (
    <tr role="row">
      <th scope="row" role="rowheader"><b><bdi>{file.name}</bdi></b></th>
      <td role="cell" data-head={t.state} class="cell-state">
        <div>
          {state === "waiting" && <Status kind="wait">{t.documents.toSend}</Status>}
          {state === "sending" && <ProgressRow words={<Status kind="busy">{t.documents.sending}</Status>} figures={t.documents.sent(sent, file.size)} max={Math.max(1, file.size)} value={sent} label={t.documents.sendingOf(file.name)} />}
          {state === "failed" && error && (
            <>
              <Status kind="bad">{t.documents.notSent}</Status><p class="reason">{error.code === "empty_file" ? documentErrorWords(error) : errorWords(error)}</p>
              <div class="row-acts">
                {error.code !== "too_large" && error.code !== "empty_file" && <button class="btn btn--secondary btn--s" type="button" onClick={() => retryUpload(upload.key, arrived)}>{t.documents.sendAgain}</button>}
                <button class="btn btn--plain btn--s" type="button" onClick={() => dropUpload(upload.key)}>{t.documents.dismiss}</button>
              </div>
            </>
          )}
        </div>
      </td>
      <td role="cell" data-head={t.documents.pages} class="is-num" /><td role="cell" data-head={t.documents.added} class="is-tight" /><td role="cell" class="is-end is-menu" />
    </tr>
  );
}
