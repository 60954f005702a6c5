import { signal } from "@preact/signals";

/** What can be done about it while the words stand there. */
export interface ToastAct { word: string; run: () => void }

const message = signal<{ text: string; act?: ToastAct } | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

function hideLater(): void {
  clearTimeout(timer);
  timer = setTimeout(() => { message.value = null; }, 10_000);
}

/** Says that something is done, for ten seconds; with something to do about it, for as long as that has the focus. */
export function toast(text: string, act?: ToastAct): void {
  message.value = act ? { text, act } : { text };
  hideLater();
}

export function Toast() {
  const shown = message.value;
  const run = (): void => { message.value = null; shown?.act?.run(); };
  return (
    <div class="toast-place" role="status">
      {shown && (
        <div class="toast" onFocusCapture={() => clearTimeout(timer)} onBlurCapture={hideLater}>
          <p>{shown.text}</p>
          {shown.act && <button class="btn btn--plain btn--s" type="button" onClick={run}>{shown.act.word}</button>}
        </div>
      )}
    </div>
  );
}
