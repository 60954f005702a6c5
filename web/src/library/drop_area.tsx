import { useRef, useState } from "preact/hooks";
import { t } from "../text";
import { Icon } from "../ui/icons";

/** Takes files by a button or by dropping them, folders included. */
export function DropArea({ limitBytes, onFiles }: { limitBytes: number; onFiles: (files: File[]) => void }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    setOver(false);
    const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    const files = entries.length > 0 ? await filesOf(entries) : [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) onFiles(files);
  };
  return (
    <div class="drop" data-over={over ? "" : undefined} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={(event) => void drop(event)}>
      <button class="btn btn--primary btn--s" type="button" onClick={() => input.current?.click()}><Icon name="plus" small />{t.documents.add}</button>
      <input class="sr-only" type="file" multiple tabIndex={-1} aria-label={t.documents.add} ref={input} onChange={(event) => { onFiles([...(event.currentTarget.files ?? [])]); event.currentTarget.value = ""; }} />
      <p class="drop__text">{t.documents.drop(t.size(limitBytes))}</p>
    </div>
  );
}

const mostFiles = 2000;

async function filesOf(entries: FileSystemEntry[]): Promise<File[]> {
  const files: File[] = [];
  const open = [...entries];
  for (let entry = open.shift(); entry && files.length < mostFiles; entry = open.shift()) {
    const one = entry;
    try {
      if (one.isFile) files.push(await new Promise<File>((resolve, reject) => (one as FileSystemFileEntry).file(resolve, reject)));
      else open.push(...await children(one as FileSystemDirectoryEntry));
    } catch { /* A file that vanished in between is not there to be added. */ }
  }
  return files;
}

async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
