import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";

export interface MenuItem { icon: IconName; word: string; act: () => void; danger?: boolean }

/** Quiet actions behind one button. Escape, a click elsewhere and leaving with Tab close it. */
export function ActionMenu({ label, of, items, children }: { label: string; of?: string; items: (MenuItem | false)[]; children?: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event): void => { if (!box.current?.contains(event.target as Node)) setOpen(false); };
    document.addEventListener("pointerdown", close);
    document.addEventListener("focusin", close);
    return () => { document.removeEventListener("pointerdown", close); document.removeEventListener("focusin", close); };
  }, [open]);
  const shown = items.filter((item): item is MenuItem => item !== false);
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && open) { event.stopPropagation(); setOpen(false); button.current?.focus(); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !open) return;
    event.preventDefault();
    const buttons = [...(box.current?.querySelectorAll<HTMLElement>(".acts__list button") ?? [])];
    buttons[(buttons.indexOf(document.activeElement as HTMLElement) + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div class="acts" ref={box} onKeyDown={keys}>
      <button class="tool" type="button" ref={button} aria-expanded={open} aria-haspopup="true" onClick={() => setOpen(!open)}>
        <Icon name="more" />{children}<span class="sr-only">{label}{of}</span>
      </button>
      {open && (
        <ul class="acts__list">
          {shown.map((item) => (
            <li key={item.word}><button class="tool" type="button" onClick={() => { setOpen(false); button.current?.focus(); item.act(); }}><Icon name={item.icon} />{item.word}</button></li>
          ))}
        </ul>
      )}
    </div>
  );
}
