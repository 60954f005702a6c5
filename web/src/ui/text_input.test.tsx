import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { CompositionGuard, sends } from "./composition";
import { TextField } from "./text_input";

const host = document.createElement("div");
document.body.append(host);
let entered = 0;

function field(): HTMLInputElement {
  return host.querySelector("input, textarea") as HTMLInputElement;
}
function enter(values: KeyboardEventInit & { keyCode?: number } = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...values });
  Object.defineProperty(event, "keyCode", { value: values.keyCode ?? 13 });
  field().dispatchEvent(event);
  return event;
}
beforeEach(() => {
  entered = 0;
  act(() => render(null, host));
  act(() => render(<TextField title="質問" multiline value="" onText={() => undefined} onEnter={() => { entered++; return true; }} />, host));
});

describe("The text field", () => {
  test("acts on Enter when nothing is being converted", () => {
    enter();
    expect(entered).toBe(1);
  });
  test("does nothing on the Enter that confirms a conversion (isComposing)", () => {
    const event = enter({ isComposing: true });
    expect(entered).toBe(0);
    expect(event.defaultPrevented).toBe(true);
  });
  test("does nothing on a key that went to the input method (229)", () => {
    enter({ keyCode: 229 });
    expect(entered).toBe(0);
  });
  test("does nothing between compositionstart and compositionend, whatever the event says", () => {
    field().dispatchEvent(new CompositionEvent("compositionstart"));
    enter();
    expect(entered).toBe(0);
  });
  test("does nothing in Safari's order: compositionend, then keydown", () => {
    field().dispatchEvent(new CompositionEvent("compositionstart"));
    field().dispatchEvent(new CompositionEvent("compositionend", { data: "霧ヶ原" }));
    enter();
    expect(entered).toBe(0);
  });
  test("acts again on the next Enter, after the key was released", () => {
    field().dispatchEvent(new CompositionEvent("compositionstart"));
    field().dispatchEvent(new CompositionEvent("compositionend", { data: "霧ヶ原" }));
    enter();
    field().dispatchEvent(new KeyboardEvent("keyup", { key: "Enter", bubbles: true }));
    enter();
    expect(entered).toBe(1);
  });
  test("keeps the confirming Enter from the form around it", () => {
    const heard = vi.fn();
    host.addEventListener("keydown", heard);
    enter({ isComposing: true });
    host.removeEventListener("keydown", heard);
    expect(heard).not.toHaveBeenCalled();
  });
});

describe("The guard", () => {
  test("lets go half a second after a conversion that no key ended", () => {
    const guard = new CompositionGuard();
    guard.start();
    guard.end(1000);
    expect(guard.owns({ isComposing: false, keyCode: 13 }, 1499)).toBe(true);
    expect(guard.owns({ isComposing: false, keyCode: 13 }, 1501)).toBe(false);
  });
});

describe("Enter", () => {
  const plain = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
  test.each([
    ["ctrl", plain, false], ["ctrl", { ...plain, shiftKey: true }, false], ["ctrl", { ...plain, ctrlKey: true }, true], ["ctrl", { ...plain, metaKey: true }, true],
    ["enter", plain, true], ["enter", { ...plain, shiftKey: true }, false], ["enter", { ...plain, ctrlKey: true }, true], ["enter", { ...plain, altKey: true }, false],
    ["shift", plain, false], ["shift", { ...plain, shiftKey: true }, true], ["shift", { ...plain, ctrlKey: true }, true],
  ] as const)("in the mode %s with %o sends: %s", (mode, keys, expected) => {
    expect(sends(mode, keys)).toBe(expected);
  });
});
