/**
 * Tells the Enter that confirms a conversion of an input method from the Enter of a person who has finished.
 *
 * Three signs: `isComposing`; key code 229 (the key went to the input method); and, in Safari's order of events, a keydown
 * that follows `compositionend` before any keyup. A key that was released since, or half a second, ends the third.
 */
export class CompositionGuard {
  private composing = false;
  private endedAt = Number.NEGATIVE_INFINITY;

  start(): void { this.composing = true; }
  end(now: number): void { this.composing = false; this.endedAt = now; }
  keyUp(): void { if (!this.composing) this.endedAt = Number.NEGATIVE_INFINITY; }

  /** Whether this keydown belongs to the input method, and must do nothing of ours. */
  owns(event: Pick<KeyboardEvent, "isComposing" | "keyCode">, now: number): boolean {
    return this.composing || event.isComposing || event.keyCode === 229 || now - this.endedAt < 500;
  }
}

export type SendMode = "ctrl" | "enter" | "shift";

/** Whether Enter with these keys sends, in the mode that the person chose. Ctrl (or Command) and Enter always send. */
export function sends(mode: SendMode, event: Pick<KeyboardEvent, "ctrlKey" | "metaKey" | "shiftKey" | "altKey">): boolean {
  if (event.ctrlKey || event.metaKey) return true;
  if (event.altKey) return false;
  if (mode === "enter") return !event.shiftKey;
  return mode === "shift" && event.shiftKey;
}
