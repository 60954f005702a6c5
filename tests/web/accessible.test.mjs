// Every page, light and dark: no accessibility violation, nothing that the content policy stops, no sideways scroll at 320 px.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, open, openers, question, settle, start, walk } from "./page.mjs";

let world;
before(async () => { world = await start(); });
after(async () => { await world.close(); });

async function violations(page) {
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
}

async function eachState(page, visit) {
  for (const path of await walk(page, world.url)) {
    await page.goto(world.url + path);
    await page.waitForSelector("main");
    await settle(page);
    await visit(path);
    const mark = await page.$(".mark");
    if (mark) {
      await mark.click();
      await visit(`${path} with a source open`);
    }
    const opener = await page.$(openers);
    if (opener && !mark) {
      await opener.click();
      await page.waitForTimeout(100);
      if (await page.$("dialog[open]")) await visit(`${path} with a window open`);
    }
  }
}

for (const look of ["light", "dark", "forced colours"]) {
  test(`axe finds nothing on any page, ${look}, and the console is silent`, async () => {
    const dark = look === "dark";
    const forced = look === "forced colours";
    const { context, page, trouble } = await open(world, { dark, forced, axe: true, signedIn: false });
    assert.deepEqual(await violations(page), [], "sign-in");
    await page.goto(`${world.url}/setup?token=first-use-token`);
    await settle(page);
    assert.deepEqual(await violations(page), [], "set-up");
    await context.close();
    const signed = await open(world, { dark, forced, axe: true, height: 3000 }); // What stands under the composer cannot be judged.
    await ask(signed.page, question);
    const found = [];
    await eachState(signed.page, async (where) => { for (const one of await violations(signed.page)) found.push(`${where}: ${one}`); });
    assert.deepEqual(found, []);
    assert.deepEqual([...trouble, ...signed.trouble], []);
    await signed.context.close();
  });
}

test("nothing scrolls sideways at 320 px, nor with text twice as large at 640 px", async () => {
  for (const [width, text] of [[320, "100"], [640, "200"]]) {
    const { context, page } = await open(world, { width, kept: { text } });
    await ask(page, question);
    const wide = [];
    await eachState(page, async (where) => {
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) wide.push(`${where}: ${over} px`);
    });
    assert.deepEqual(wide, [], `${width} px`);
    await context.close();
  }
});

test("in English nothing scrolls sideways at 320 px", async () => {
  const { context, page } = await open(world, { width: 320, kept: { language: "en" } });
  const wide = [];
  for (const path of ["/", "/questions", "/shelves", "/settings", "/admin/health", "/admin/models", "/admin/people", "/admin/load"]) {
    await page.goto(world.url + path);
    await page.waitForSelector("main h1");
    await settle(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) wide.push(`${path}: ${over} px`);
  }
  assert.deepEqual(wide, []);
  await context.close();
});

test("on a narrow screen everything is reached through the menu", async () => {
  const { context, page } = await open(world, { width: 390 });
  await page.click(".menu summary");
  await page.click('.menu__sheet a:has-text("書架")');
  await page.waitForSelector('h1:has-text("書架")');
  await page.click(".menu summary");
  await page.waitForSelector(".menu__sheet .item");
  await page.keyboard.press("Escape");
  assert.equal(await page.$(".menu__sheet"), null);
  await context.close();
});

test("a finger finds 44 px on everything that can be pressed, but marks inside a line of text", async () => {
  const { context, page } = await open(world, { width: 390, touch: true });
  await ask(page, question);
  const small = new Set();
  await eachState(page, async (where) => {
    const found = await page.evaluate(() => [...document.querySelectorAll("button, a[href], summary, input, textarea, select")].flatMap((element) => {
      const target = element.closest("label") ?? element;
      const box = target.getBoundingClientRect();
      const style = getComputedStyle(element);
      // Links and marks in running text are as high as their line (WCAG 2.5.8); what has no box is not there.
      const inText = style.display === "inline" || element.matches(".mark, .out");
      if (box.width === 0 || style.visibility === "hidden" || inText || target.closest(".sr-only") || element.matches(".sr-only, .skip")) return [];
      return box.height < 43.5 || box.width < 43.5 ? [`${element.tagName}.${element.className} ${Math.round(box.width)}x${Math.round(box.height)} ${element.textContent.slice(0, 20)}`] : [];
    }));
    for (const one of found) small.add(`${where}: ${one}`);
  });
  assert.deepEqual([...small], []);
  await context.close();
});
