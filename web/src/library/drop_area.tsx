import { useRef, useState } from "preact/hooks";
import { t } from "../text";
import { Icon } from "../ui/icons";
import { DropNote } from "./drop_note";
import { droppedIn, sorted, type Dropped } from "./dropped";

/** Takes files by a button or by dropping them, folders included, and says what it left out. */
export function DropArea({ limitBytes, onFiles }: { limitBytes: number; onFiles: (files: File[]) => void }) {
  const [over, setOver] = useState(false);
  const [last, setLast] = useState<Dropped | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const take = (dropped: Dropped): void => {
    setLast(dropped);
    if (dropped.files.length > 0) onFiles(dropped.files);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void droppedIn(event.dataTransfer).then(take);
  };
  return (
    <>
      <div class="drop" data-over={over ? "" : undefined} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
        <button class="btn btn--primary btn--s" type="button" onClick={() => input.current?.click()}><Icon name="plus" small />{t.documents.add}</button>
        <input class="sr-only" type="file" multiple tabIndex={-1} aria-label={t.documents.add} ref={input} onChange={(event) => { take(sorted([...(event.currentTarget.files ?? [])])); event.currentTarget.value = ""; }} />
        <p class="drop__text">{t.documents.drop(t.size(limitBytes))}</p>
      </div>
      <DropNote dropped={last} />
    </>
  );
}
