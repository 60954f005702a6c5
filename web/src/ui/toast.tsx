import { signal } from "@preact/signals";

const message = signal<string | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says that something is done, for ten seconds. */
export function toast(text: string): void {
  clearTimeout(timer);
  message.value = text;
  timer = setTimeout(() => { message.value = null; }, 10_000);
}

export function Toast() {
  return <div class="toast-place" role="status">{message.value !== null && <p class="toast">{message.value}</p>}</div>;
}
