import { useEffect, useId, useRef, useState } from "preact/hooks";
import { levels } from "../app/session";
import { loadShelves, scope, scopeShelves, setScope, shelves, shelvesError } from "../library/shelves";
import { errorWords, t } from "../text";
import { Icon } from "../ui/icons";
import { LevelChip } from "../ui/parts";

/** What the answer may use: chosen shelves, or no documents. Says the label that the answer will get. */
export function ScopeChoice() {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => { void loadShelves(); }, []);
  useEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLElement>("input:checked")?.focus();
    const outside = (event: PointerEvent): void => { if (!box.current?.parentElement?.contains(event.target as Node)) setOpen(false); };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const close = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !open) return;
    setOpen(false);
    button.current?.focus();
  };
  const all = shelves.value ?? [];
  const ids = scope.value.shelves ?? all.map((shelf) => shelf.id);
  const flip = (shelf: string): void => {
    const next = ids.includes(shelf) ? ids.filter((one) => one !== shelf) : [...ids, shelf];
    setScope({ mode: "shelves", shelves: all.every((one) => next.includes(one.id)) ? null : next });
  };
  return (
    <div class="scope" onKeyDown={close}>
      <button class="tool composer__scope" type="button" ref={button} aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="paper" /><span>{scopeWords()}</span><Icon name="down" small />
      </button>
      {open && (
        <div class="pop scope__pop" ref={box} role="dialog" aria-labelledby={`${id}-t`}>
          <fieldset>
            <legend class="doc-title" id={`${id}-t`}>{t.scope.title}</legend>
            <label class="choice">
              <input type="radio" name={id} checked={scope.value.mode === "shelves"} onChange={() => setScope({ ...scope.value, mode: "shelves" })} />
              <span class="choice__body">{t.scope.shelves}</span>
            </label>
            <div class="pop__list scope__list">
              {shelvesError.value && <p class="note">{errorWords(shelvesError.value)}</p>}
              {shelves.value?.length === 0 && <p class="note">{t.scope.noShelves}</p>}
              {all.map((shelf) => (
                <label class="choice" key={shelf.id}>
                  <input type="checkbox" disabled={scope.value.mode === "none"} checked={ids.includes(shelf.id)} onChange={() => flip(shelf.id)} />
                  <span class="choice__body scope__shelf">{shelf.name}<LevelChip value={shelf.level} /></span>
                </label>
              ))}
            </div>
            <label class="choice">
              <input type="radio" name={id} checked={scope.value.mode === "none"} onChange={() => setScope({ ...scope.value, mode: "none" })} />
              <span class="choice__body">{t.scope.none}<span class="choice__hint">{t.scope.noneHint}</span></span>
            </label>
          </fieldset>
          <p class="pop__foot">{t.scope.labelBefore}<LevelChip value={scopeLevel()} />{t.scope.labelAfter}</p>
        </div>
      )}
    </div>
  );
}

export function scopeWords(): string {
  if (scope.value.mode === "none") return t.scope.none;
  if (shelves.value === null) return t.scope.title;
  if (scope.value.shelves === null) return t.scope.all;
  return scopeShelves.value.length === 0 ? t.scope.nothing : t.scope.from(scopeShelves.value.map((shelf) => shelf.name));
}

/** The highest level among the shelves of the scope; the lowest there is without documents. */
function scopeLevel(): number {
  const lowest = Math.min(...levels.value.map((level) => level.value));
  return scopeShelves.value.reduce((top, shelf) => Math.max(top, shelf.level), lowest);
}
