import { signal } from "@preact/signals";
import { ApiError, csrfHeaders, errorOf } from "../api/client";
import type { LibraryDocument } from "../api/types";

/** A file on its way to the server. When all of it has arrived it becomes a document of the shelf, and leaves this list. */
export interface Upload { key: number; shelf: string; file: File; replaces?: string | undefined; sent: number; state: "waiting" | "sending" | "failed"; error: ApiError | null }

export const uploads = signal<Upload[]>([]);
const atOnce = 2;
let serial = 0;
let pausedUntil = 0;
let resume: ReturnType<typeof setTimeout> | undefined;

/** Takes files for a shelf, or one in the place of the document `replaces`; `arrived` hears of each document. What is larger than `limitBytes` is refused before it is sent. */
export function addFiles(shelf: string, files: readonly File[], limitBytes: number, arrived: (document: LibraryDocument) => void, replaces?: string): void {
  const added = files.map((file): Upload => {
    const error = file.size > limitBytes ? new ApiError("too_large", String(limitBytes), 413, "") : file.size === 0 ? new ApiError("empty_file", "", 0, "") : null;
    return { key: ++serial, shelf, replaces, file, sent: 0, state: error ? "failed" : "waiting", error };
  });
  uploads.value = [...uploads.peek(), ...added];
  pump(arrived);
}

export function retryUpload(key: number, arrived: (document: LibraryDocument) => void): void {
  update(key, { state: "waiting", sent: 0, error: null });
  pump(arrived);
}

export function dropUpload(key: number): void {
  uploads.value = uploads.peek().filter((upload) => upload.key !== key);
}

function update(key: number, change: Partial<Upload>): void {
  uploads.value = uploads.peek().map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
}

function pump(arrived: (document: LibraryDocument) => void): void {
  const pause = pausedUntil - Date.now();
  if (pause > 0) {
    clearTimeout(resume);
    resume = setTimeout(() => pump(arrived), pause);
    return;
  }
  const free = atOnce - uploads.peek().filter((upload) => upload.state === "sending").length;
  for (const upload of uploads.peek().filter((one) => one.state === "waiting").slice(0, Math.max(0, free))) {
    update(upload.key, { state: "sending" });
    send(upload, (sent) => update(upload.key, { sent })).then(
      (document) => { dropUpload(upload.key); arrived(document); },
      (error: ApiError) => {
        // A folder of hundreds comes faster than the server takes it: the rest waits as long as the server says.
        if (error.code !== "rate_limited" && error.code !== "busy") return update(upload.key, { state: "failed", error });
        update(upload.key, { state: "waiting", sent: 0 });
        pausedUntil = Date.now() + 1000 * Math.max(1, error.retryAfterSeconds ?? 5);
      },
    ).finally(() => pump(arrived));
  }
}

/** XMLHttpRequest, because fetch does not tell how much has been sent. */
function send(upload: Upload, progress: (sent: number) => void): Promise<LibraryDocument> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const place = upload.replaces ? `documents/${encodeURIComponent(upload.replaces)}/versions` : `shelves/${encodeURIComponent(upload.shelf)}/documents`;
    request.open("POST", `/api/v1/${place}?name=${encodeURIComponent(upload.file.name)}`);
    for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onerror = () => reject(new ApiError("offline", "", 0, ""));
    request.onload = () => {
      if (request.status < 200 || request.status >= 300) return reject(errorOf(request.status, request.responseText, request.getResponseHeader("Retry-After")));
      try {
        resolve(JSON.parse(request.responseText) as LibraryDocument);
      } catch {
        reject(new ApiError("corrupt", "", request.status, ""));
      }
    };
    request.send(upload.file);
  });
}
