import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { levels } from "../app/session";
import { t } from "../text";
import { Icon, type IconName } from "./icons";

/** 格付: name and number; `compact` in lists. Weight shows without colour. */
export function LevelChip({ value, compact = false }: { value: number; compact?: boolean }) {
  const level = levels.value.find((one) => one.value === value);
  if (!level) return null;
  const name = level.name.endsWith(level.short) ? level.name.slice(0, level.name.length - level.short.length) : level.name;
  return (
    <span class={compact ? "level level--compact" : "level"} data-weight={level.weight}>
      <span class={compact ? "sr-only" : "level__name"}>{name}</span><span class="level__no">{level.short}</span>
    </span>
  );
}

/** Below it the page asks to compare with the original. */
const surelyRead = 85;

/** That a passage was recognised in a picture, and how surely. */
export function OcrMark({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return null;
  return value < surelyRead ? <Status kind="warn">{t.ocrLow(value)}</Status> : <span class="note">{t.ocr(value)}</span>;
}

export type StatusKind = "ok" | "busy" | "wait" | "warn" | "bad";
export function Status({ kind, children }: { kind: StatusKind; children: ComponentChildren }) {
  return <span class="status" data-state={kind}><Icon name={kind} />{children}</span>;
}

export interface BannerProps { kind?: "bad" | "warn" | "ok"; title: string; text?: string; note?: ComponentChildren; children?: ComponentChildren; small?: boolean }
/** What happened, why, and what to do next. */
export function Banner({ kind, title, text, note, children, small }: BannerProps) {
  const icon: IconName = kind ?? "info";
  return (
    <div class={small ? "banner banner--small" : "banner"} data-kind={kind} role={kind === "bad" ? "alert" : "status"}>
      <Icon name={icon} />
      <div>
        <p class="banner__title">{title}</p>
        {text && <p class={small ? "note" : "banner__text"}>{text}</p>}
        {children && <div class="banner__acts">{children}</div>}
        {note && <p class="note err__no">{note}</p>}
      </div>
    </div>
  );
}

export function ProgressRow({ words, figures, value, max, label }: { words: ComponentChildren; figures?: string; value?: number; max: number; label: string }) {
  return (
    <div class="progress-row">
      <span>{words}</span>{figures && <span class="note num">{figures}</span>}
      <progress class="progress" value={value} max={max} aria-label={label} />
    </div>
  );
}

/** A window over the page. Opens when mounted; Esc and `onClose` close it; focus goes back to where it was. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => { if (before instanceof HTMLElement && before.isConnected) before.focus(); };
  }, []);
  return (
    <dialog class="dialog" ref={ref} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks before something that cannot be undone. The first focus is on やめる. */
export function ConfirmDialog(props: { title: string; text: string; act: string; busy?: boolean; error?: string | null; onAct: () => void; onClose: () => void }) {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <p class="dialog__text">{props.text}</p>
      {props.error && <p class="dialog__text field__error" role="alert">{props.error}</p>}
      <div class="dialog__acts">
        <button class="btn btn--secondary" type="button" autofocus onClick={props.onClose}>{t.cancel}</button>
        <button class="btn btn--danger" type="button" aria-disabled={props.busy || undefined} onClick={() => { if (!props.busy) props.onAct(); }}>{props.act}</button>
      </div>
    </Dialog>
  );
}

export interface Choice<T extends string> { value: T; title: ComponentChildren; hint?: ComponentChildren }
/** Radio buttons; as cards when each has something to say. */
export function Choices<T extends string>(props: { name: string; legend: string; hidden?: boolean; cards?: boolean; value: T; choices: Choice<T>[]; onChoice: (value: T) => void }) {
  return (
    <fieldset class={props.cards ? undefined : "inline-choices"}>
      <legend class={props.hidden ? "sr-only" : "field__label"}>{props.legend}</legend>
      {props.choices.map((choice) => (
        <label class={props.cards ? "choice choice--card" : "choice"} key={choice.value}>
          <input type="radio" name={props.name} checked={props.value === choice.value} onChange={() => props.onChoice(choice.value)} />
          <span class="choice__body"><span class="choice__title">{choice.title}</span>{choice.hint && <span class="choice__hint">{choice.hint}</span>}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function CheckList(props: { legend: string; hint?: string; options: { value: string; title: ComponentChildren; hint?: string }[]; chosen: string[]; onChange: (chosen: string[]) => void; error?: string | null; need?: boolean }) {
  const flip = (value: string) => props.onChange(props.chosen.includes(value) ? props.chosen.filter((one) => one !== value) : [...props.chosen, value]);
  return (
    <fieldset class="field">
      <legend class="field__label">{props.legend}{props.need && <span class="field__need">{t.need}</span>}</legend>
      {props.hint && <span class="field__hint">{props.hint}</span>}
      <div class="checks">
        {props.options.map((option) => (
          <label class="choice" key={option.value}>
            <input type="checkbox" checked={props.chosen.includes(option.value)} onChange={() => flip(option.value)} />
            <span class="choice__body">{option.title}{option.hint && <span class="choice__hint">{option.hint}</span>}</span>
          </label>
        ))}
      </div>
      {props.error && <p class="field__error" role="alert"><Icon name="warn" small /><span>{props.error}</span></p>}
    </fieldset>
  );
}

/** Arrow keys, Home and End inside a row of tabs. */
export function tabKeys(event: KeyboardEvent, index: number, count: number, choose: (index: number) => void): void {
  const next = { ArrowRight: (index + 1) % count, ArrowLeft: (index + count - 1) % count, Home: 0, End: count - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  choose(next);
  const row = (event.currentTarget as HTMLElement).closest('[role="tablist"]');
  requestAnimationFrame(() => row?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus());
}

/** What a list shows while it comes, when it failed, and when there is nothing. */
export function ListState({ loading, error, empty, retry }: { loading: boolean; error: string | null; empty?: string | false; retry: () => void }) {
  if (error) return <Banner kind="bad" title={error}><button class="btn btn--secondary btn--s" type="button" onClick={retry}>{t.tryAgain}</button></Banner>;
  if (loading) return <p class="note" role="status">{t.loading}</p>;
  if (empty) return <p class="empty">{empty}</p>;
  return null;
}
