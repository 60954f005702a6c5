import type { ComponentChildren } from "preact";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";

/** Pixels beyond the screen that are drawn, too. */
const margin = 800;

/** Which items [from, to) are within `top` to `bottom`, and how much room the others take. Heights that are not known are `estimate`. */
export function slice(heights: readonly (number | undefined)[], estimate: number, top: number, bottom: number): { from: number; to: number; before: number; after: number } {
  let at = 0;
  let from = -1;
  let to = 0;
  let before = 0;
  let drawn = 0;
  for (let index = 0; index < heights.length; index++) {
    const height = heights[index] ?? estimate;
    if (at + height > top && at < bottom) {
      if (from < 0) { from = index; before = at; }
      to = index + 1;
      drawn = at + height;
    }
    at += height;
  }
  // Nothing near: the end that is nearer.
  if (from < 0) return top <= 0 ? { from: 0, to: 0, before: 0, after: at } : { from: heights.length, to: heights.length, before: at, after: 0 };
  return { from, to, before, after: at - drawn };
}

export interface WindowedProps<T> {
  items: readonly T[];
  keyOf: (item: T) => string;
  /** Height in pixels of an item that was never drawn. */
  estimate: number;
  /** Called when the last items come near the screen. */
  onEnd?: () => void;
  children: (item: T, index: number) => ComponentChildren;
}

/** A long list of which only what is near the screen is drawn; heights are measured when it is. Scrolls with whatever scrolls around it. */
export function Windowed<T>({ items, keyOf, estimate, onEnd, children }: WindowedProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const known = useRef(new Map<string, number>()).current;
  const place = useRef({ top: -margin, bottom: 2 * margin });
  const [, again] = useReducer((count: number) => count + 1, 0);
  const shown = slice(items.map((item) => known.get(keyOf(item))), estimate, place.current.top, place.current.bottom);

  useLayoutEffect(() => {
    let changed = look(box.current, place.current);
    box.current?.querySelectorAll<HTMLElement>(":scope > [data-window]").forEach((row) => {
      const key = row.dataset.window ?? "";
      const height = row.offsetHeight;
      if (known.get(key) === height) return;
      known.set(key, height);
      changed = true;
    });
    if (changed) again(undefined);
    if (onEnd && shown.to >= items.length - 10) onEnd();
  });
  useLayoutEffect(() => {
    let frame = 0;
    const moved = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => { if (look(box.current, place.current)) again(undefined); });
    };
    document.addEventListener("scroll", moved, { capture: true, passive: true });
    window.addEventListener("resize", moved);
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener("scroll", moved, { capture: true });
      window.removeEventListener("resize", moved);
    };
  }, []);
  return (
    <div class="windowed" ref={box}>
      <div style={{ blockSize: `${shown.before}px` }} />
      {items.slice(shown.from, shown.to).map((item, index) => <div key={keyOf(item)} data-window={keyOf(item)}>{children(item, shown.from + index)}</div>)}
      <div style={{ blockSize: `${shown.after}px` }} />
    </div>
  );
}

/** Notes which part of the list is near the screen; true where that has moved so far that other items are to be drawn. */
function look(box: HTMLElement | null, place: { top: number; bottom: number }): boolean {
  if (!box) return false;
  const top = -box.getBoundingClientRect().top - margin;
  const bottom = top + window.innerHeight + 2 * margin;
  if (Math.abs(top - place.top) < margin / 4 && Math.abs(bottom - place.bottom) < margin / 4) return false;
  place.top = top;
  place.bottom = bottom;
  return true;
}
