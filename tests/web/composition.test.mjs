// Japanese input: the Enter that confirms a conversion submits nothing, in every field of every page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, kindOf, open, openers, question, real, settle, start, walk } from "./page.mjs";

let world;
before(async () => { world = await start(); });
after(async () => { await world.close(); });

const fields = 'input:not([type=radio]):not([type=checkbox]):not([type=file]):not(:disabled), textarea:not(:disabled)';
const enterKey = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, nativeVirtualKeyCode: 13 };

/** Composes in the focused field in the order of each browser, and confirms with Enter. */
async function compose(cdp, order) {
  await cdp.send("Input.imeSetComposition", { text: "きりがはら", selectionStart: 5, selectionEnd: 5 });
  if (order === "chromium") {
    await cdp.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enterKey });
    await cdp.send("Input.dispatchKeyEvent", { type: "char", text: "\r", ...enterKey });
    await cdp.send("Input.insertText", { text: "霧ヶ原" });
  } else if (order === "229") {
    await cdp.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enterKey, windowsVirtualKeyCode: 229 });
    await cdp.send("Input.insertText", { text: "霧ヶ原" });
  } else {
    await cdp.send("Input.insertText", { text: "霧ヶ原" });
    await cdp.send("Input.dispatchKeyEvent", { type: "keyDown", text: "\r", ...enterKey });
  }
  await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", ...enterKey });
}

async function check(page, cdp, field, where) {
  const changes = [];
  // What is searched while one types is asked for without Enter, and changes nothing.
  const hear = (request) => { if (request.method() !== "GET" && !request.url().endsWith("/conversations/search")) changes.push(`${request.method()} ${request.url()}`); };
  page.on("request", hear);
  for (const order of ["chromium", "229", "safari"]) {
    const address = page.url();
    await field.focus();
    await compose(cdp, order);
    await page.waitForTimeout(30);
    assert.ok(await field.isVisible(), `${where}: the field is gone after Enter (${order})`);
    const value = await field.inputValue();
    assert.ok(value.includes("霧ヶ原"), `${where}: the conversion did not arrive (${order})`);
    assert.ok(!value.includes("\n"), `${where}: Enter made a new line (${order})`);
    assert.equal(page.url(), address, `${where}: Enter went elsewhere (${order})`);
    assert.deepEqual(changes, [], `${where}: Enter sent something (${order})`);
    await page.waitForTimeout(550); // the guard of the Safari order ends
    await field.fill("");
  }
  page.off("request", hear);
}

async function checkAll(page, cdp, where, within = "") {
  const found = await page.$$(within ? fields.split(", ").map((one) => `${within} ${one}`).join(", ") : fields);
  let count = 0;
  for (const [index, field] of found.entries()) {
    if (!await field.isVisible()) continue;
    await check(page, cdp, field, `${where} field ${index + 1}`);
    count++;
  }
  return count;
}

test("confirming a conversion submits nothing on the pages before signing in", async () => {
  const { context, page } = await open(world, { signedIn: false });
  const cdp = await context.newCDPSession(page);
  assert.equal(await checkAll(page, cdp, "sign-in"), 2);
  if (!real) {
    await page.goto(`${world.url}/setup?token=first-use-token`);
    await page.waitForSelector("input[name=again]");
    assert.equal(await checkAll(page, cdp, "set-up"), 4);
  }
  await context.close();
});

test("confirming a conversion submits nothing in any field that walking the pages finds, though Enter sends", async () => {
  const { context, page } = await open(world, { kept: { send: "enter" } });
  const cdp = await context.newCDPSession(page);
  await ask(page, question);
  let count = 0;
  const kinds = new Set();
  const forms = new Set();
  for (const path of await walk(page, world.url)) {
    const kind = kindOf(path);
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    await page.goto(world.url + path);
    await settle(page);
    count += await checkAll(page, cdp, path);
    const buttons = (await page.$$(openers)).length;
    for (let index = 0; index < Math.min(buttons, 8); index++) {
      await (await page.$$(openers))[index]?.click();
      await page.waitForTimeout(50);
      for (const form of ["dialog[open]", ".edit", ".rate"]) {
        if (await page.$(form)) { const fields = await checkAll(page, cdp, `${path} ${form} ${index + 1}`, form); count += fields; if (fields > 0) forms.add(form); }
      }
      await page.keyboard.press("Escape"); // A window or a menu; a form in its place stays.
      if (page.url() !== world.url + path) { await page.goto(world.url + path); await settle(page); }
    }
  }
  assert.ok(count >= 10, `only ${count} fields were found`);
  assert.deepEqual([...forms].sort(), [".edit", ".rate", "dialog[open]"], "each kind of form was composed in");
  await context.close();
});

test("Enter that confirms nothing sends in the mode Enter, and makes a line in the mode Ctrl+Enter", async () => {
  const first = await open(world, { kept: { send: "enter" } });
  await first.page.fill(".composer textarea", question);
  const posted = first.page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/turns"));
  await first.page.press(".composer textarea", "Enter");
  await posted;
  await first.context.close();
  const second = await open(world, { kept: { send: "ctrl" } });
  await second.page.fill(".composer textarea", "一行目");
  await second.page.press(".composer textarea", "Enter");
  assert.equal(await second.page.inputValue(".composer textarea"), "一行目\n");
  await second.context.close();
});
