import type { ComponentChildren, Ref } from "preact";
import { useId, useRef } from "preact/hooks";
import { t } from "../text";
import { CompositionGuard } from "./composition";
import { Icon } from "./icons";

export type TextElement = HTMLInputElement | HTMLTextAreaElement;

export interface TextInputProps {
  value: string;
  onText: (value: string) => void;
  /** Enter that is not part of a conversion. Return true to keep the browser from acting on it. */
  onEnter?: (event: KeyboardEvent) => boolean;
  multiline?: boolean;
  rows?: number;
  type?: "text" | "password" | "search";
  id?: string;
  name?: string;
  placeholder?: string;
  autocomplete?: string;
  describedBy?: string;
  invalid?: boolean;
  disabled?: boolean;
  required?: boolean;
  small?: boolean;
  bare?: boolean;
  inputRef?: Ref<TextElement>;
}

/** The one place where text is typed. Enter that confirms a conversion neither submits nor reaches anyone else. */
export function TextInput(props: TextInputProps) {
  const guard = useRef(new CompositionGuard()).current;
  const common = {
    id: props.id,
    name: props.name,
    class: props.bare ? undefined : props.small ? "input input--s" : "input",
    value: props.value,
    placeholder: props.placeholder,
    disabled: props.disabled,
    required: props.required,
    spellcheck: false,
    "aria-invalid": props.invalid ? ("true" as const) : undefined,
    "aria-describedby": props.describedBy,
    onInput: (event: Event) => props.onText((event.currentTarget as HTMLInputElement).value),
    // In small letters: Preact takes a name that the element has no property for as it is written.
    oncompositionstart: () => guard.start(),
    oncompositionend: (event: Event) => {
      guard.end(performance.now());
      props.onText((event.currentTarget as HTMLInputElement).value);
    },
    onKeyUp: () => guard.keyUp(),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" && event.keyCode !== 13) return;
      if (guard.owns(event, performance.now())) {
        event.preventDefault();
        event.stopPropagation();
      } else if (props.onEnter?.(event)) {
        event.preventDefault();
      }
    },
  };
  if (props.multiline) return <textarea {...common} ref={props.inputRef as Ref<HTMLTextAreaElement>} rows={props.rows ?? 1} />;
  return <input {...common} ref={props.inputRef as Ref<HTMLInputElement>} type={props.type ?? "text"} autocomplete={props.autocomplete ?? "off"} />;
}

export interface TextFieldProps extends TextInputProps {
  title: string;
  hint?: string;
  error?: string | null;
  children?: ComponentChildren;
}

/** A text input with its caption, hint and what is wrong with it. */
export function TextField({ title, hint, error, children, ...input }: TextFieldProps) {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div class="field">
      <label class="field__label" for={id}>{title}{input.required && <span class="field__need">{t.need}</span>}</label>
      {hint && <span class="field__hint" id={`${id}-hint`}>{hint}</span>}
      <TextInput {...input} id={id} invalid={Boolean(error)} describedBy={describedBy} />
      {error && <FieldError id={`${id}-error`} text={error} />}
      {children}
    </div>
  );
}

export function FieldError({ id, text }: { id?: string; text: string }) {
  return <p class="field__error" id={id} role="alert"><Icon name="warn" small /><span>{text}</span></p>;
}

export function SearchField(props: { label: string; value: string; onText: (value: string) => void; onEnter?: () => void }) {
  const id = useId();
  return (
    <div class="search">
      <Icon name="search" small />
      <label class="sr-only" for={id}>{props.label}</label>
      <TextInput id={id} type="search" small placeholder={props.label} value={props.value} onText={props.onText}
        onEnter={() => { props.onEnter?.(); return true; }} />
    </div>
  );
}
