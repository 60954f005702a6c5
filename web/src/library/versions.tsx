import { useRef } from "preact/hooks";
import { get } from "../api/client";
import type { LibraryDocument, Page } from "../api/types";
import { may, session } from "../app/session";
import { Arriving } from "../chat/attachment_list";
import { t } from "../text";
import { useLoad } from "../ui/load";
import { DocumentState } from "./document_rows";
import { addFiles, uploads } from "./upload";

/** The versions of a document, the newest first, and a way to put a new one in its place. */
export function Versions({ path, document }: { path: string; document: LibraryDocument }) {
  const versions = useLoad<Page<LibraryDocument>>(`versions ${document.id} ${document.state}`, (signal) => get<Page<LibraryDocument>>(`${path}/versions`, { signal }));
  const input = useRef<HTMLInputElement>(null);
  const items = versions.data?.items ?? [];
  const files = uploads.value.filter((upload) => upload.replaces === document.id);
  const take = (file: File | undefined): void => {
    if (file) addFiles(document.shelf_id, [file], session.value?.limits.document_bytes ?? 0, () => void versions.reload(), document.id);
  };
  if (items.length < 2 && (!may.add() || document.replaced_ms != null)) return null;
  return (
    <section class="stack">
      <h2 class="first__head">{t.documents.versions}</h2>
      {items.length > 1 && (
        <ul class="versions">
          {items.map((one) => (
            <li key={one.id} aria-current={one.id === document.id ? "true" : undefined}>
              {one.id === document.id ? <b><bdi>{one.name}</bdi></b> : <a href={`/documents/${encodeURIComponent(one.id)}`}><bdi>{one.name}</bdi></a>}
              <span class="note"><time>{t.eraTime(one.created_ms)}</time> {one.added_by}</span>
              {one.replaced_ms == null && (one.state === "ready" ? <span class="note">{t.documents.currentVersion}</span> : <DocumentState document={one} />)}
            </li>
          ))}
        </ul>
      )}
      {files.map((upload) => <Arriving key={upload.key} upload={upload} />)}
      {may.add() && document.replaced_ms == null && (
        <div>
          <button class="btn btn--secondary btn--s" type="button" onClick={() => input.current?.click()}>{t.documents.replace}</button>
          <input class="sr-only" type="file" tabIndex={-1} aria-label={t.documents.replace} ref={input} onChange={(event) => { take(event.currentTarget.files?.[0]); event.currentTarget.value = ""; }} />
          <p class="note">{t.documents.replaceHint}</p>
        </div>
      )}
    </section>
  );
}
