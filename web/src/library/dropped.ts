/** What was dropped: files, those in folders included; what is no document by its name; what could not be read; whether there was more. */
export interface Dropped { files: File[]; skipped: string[]; unread: string[]; more: boolean }

/** So many files are taken at once. */
export const mostDropped = 2000;

/** Files that programs and systems leave beside documents: hidden ones, thumbnails, locks of an office program. */
export function isBeside(name: string): boolean {
  return /^(\.|~\$)/.test(name) || /^(thumbs\.db|desktop\.ini|ehthumbs\.db)$/i.test(name);
}

/** Sorts files that came without their folders. */
export function sorted(files: readonly File[]): Dropped {
  const beside = files.filter((file) => isBeside(file.name));
  const good = files.filter((file) => !isBeside(file.name));
  return { files: good.slice(0, mostDropped), skipped: beside.map((file) => file.name), unread: [], more: good.length > mostDropped };
}

/** Everything that a drop holds, folder by folder. Must be called while the event is being handled: its items are gone afterwards. */
export async function droppedIn(transfer: DataTransfer | null): Promise<Dropped> {
  const entries = [...(transfer?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return sorted([...(transfer?.files ?? [])]);
  const found: Dropped = { files: [], skipped: [], unread: [], more: false };
  const open = [...entries];
  for (let entry = open.shift(); entry && !found.more; entry = open.shift()) {
    if (isBeside(entry.name)) { found.skipped.push(entry.name); continue; }
    if (found.files.length === mostDropped) { found.more = true; continue; }
    try {
      if (entry.isFile) found.files.push(await fileOf(entry as FileSystemFileEntry));
      else open.push(...await inside(entry as FileSystemDirectoryEntry));
    } catch {
      found.unread.push(entry.name);
    }
  }
  return found;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function inside(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
