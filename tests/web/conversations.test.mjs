// Attachments, export, a summary, versions and undo in a real browser, on the real server with a scripted model worker.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { open, settle, start } from "./page.mjs";

let world;
before(async () => { world = await start(); });
after(async () => { await world.close(); });

async function ask(page, text) {
  await page.fill(".composer textarea", text);
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector(".turn--answer:not([aria-busy]) .colophon", { timeout: 60_000 });
}
const file = (name, text, mimeType = "text/plain") => ({ name, mimeType, buffer: Buffer.from(text) });

test("a question is answered from what was attached to it; what cannot be read says why", async () => {
  const { context, page, trouble } = await open(world, { axe: true, kept: { welcomed: "yes" } });
  await page.setInputFiles(".composer input[type=file]", [file("覚書.txt", "第1条　鶴亀算の会は、毎月十日に開く。"), file("写真.png", "x", "image/png"), file("空.txt", ""), file("壊れた.pdf", "%PDF-1.4\n1 0 obj <<")]);
  await page.waitForSelector("dialog[open]");
  await page.click("dialog button[type=submit]");
  await page.waitForSelector('.attached__file:has-text("覚書.txt") .status[data-state=ok]', { timeout: 30_000 });
  await page.waitForSelector('.attached__file:has-text("壊れた.pdf") .status[data-state=bad]', { timeout: 30_000 });
  assert.match(await page.textContent(".composer"), /画像（写真.png）は、まだ読み取れません/);
  assert.match(await page.textContent('.attached__file:has-text("空.txt")'), /ファイルが空です/);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.target}`), []);
  await ask(page, "鶴亀算の会はいつですか。\n!say 鶴亀算の会は、毎月十日に開きます。");
  await page.waitForSelector('.panel:has-text("覚書.txt")');
  await page.reload();
  await page.waitForSelector('.attached summary:has-text("2件")');
  assert.deepEqual(trouble, []);
  await context.close();
});

test("a pasted table becomes a CSV file when somebody wants it", async () => {
  const { context, page } = await open(world, { kept: { welcomed: "yes" } });
  await page.focus(".composer textarea");
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "区分\t金額\n3歳未満\t2,400\n");
    document.querySelector(".composer textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.click(".attached__offer button");
  await page.click("dialog button[type=submit]");
  await page.waitForSelector('.attached__file:has-text("貼り付けた表.csv") .status[data-state=ok]', { timeout: 30_000 });
  await context.close();
});

test("an answer is written out, tells what CP932 lacks, and begins a new conversation as a summary", async () => {
  const { context, page, trouble } = await open(world, { kept: { welcomed: "yes" } });
  await page.click(".composer__scope");
  await page.click("text=資料を使わずに答える >> nth=-1");
  await page.keyboard.press("Escape");
  await ask(page, "書き出す質問\n!say 𠮷田さんへの案です。");
  await page.click('.actions button:has-text("書き出す")');
  await page.click('dialog label:has-text("CP932")');
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("dialog button[type=submit]")]);
  assert.match(download.suggestedFilename(), /\.csv$/);
  assert.ok(new TextDecoder("shift_jis").decode(readFileSync(await download.path())).includes("〓田さんへの案です。"));
  assert.match(await page.textContent("dialog"), /「𠮷」\d+か所/);
  await page.keyboard.press("Escape");
  await page.click(".talk-head .acts > button");
  await page.click('.acts__list button:has-text("要約して新しい会話")');
  await page.waitForSelector('.talk-head h1:has-text("要約：書き出す質問")');
  assert.deepEqual(trouble, []);
  await context.close();
});

test("a document is replaced, its old version stays open, and a deletion is taken back", async () => {
  const { context, page, trouble } = await open(world, { kept: { welcomed: "yes" } });
  await page.goto(`${world.url}/shelves`);
  await page.click(".table tbody tr th a");
  await page.waitForSelector(".drop");
  const name = `版の試験 ${Date.now()}.txt`;
  await page.setInputFiles(".drop input[type=file]", file(name, "第1条　古い版の本文である。"));
  await page.click(`tr:has-text("${name}") th a`, { timeout: 30_000 });
  await page.waitForSelector(".passage");
  await page.setInputFiles(".doc__side input[type=file]", file(`新${name}`, "第1条　新しい版の本文である。"));
  const replaced = () => page.evaluate(() => fetch(`/api/v1/documents/${location.pathname.split("/")[2]}`).then((answer) => answer.json()).then((one) => one.replaced_ms !== null));
  for (let tries = 0; tries < 60 && !await replaced(); tries++) await page.waitForTimeout(500);
  await page.reload();
  await page.waitForSelector('.banner:has-text("古い版です。")');
  await page.click(`.versions a:has-text("新${name}")`);
  await page.waitForSelector('.passage:has-text("新しい版の本文である。")');
  await page.goBack();
  await page.click('.facts a[href^="/shelves/"]');
  await page.click(`tr:has-text("新${name}") .is-menu button`);
  await page.click('.toast button:has-text("元に戻す")');
  await page.waitForSelector(`tr:has-text("新${name}")`);
  await settle(page);
  assert.deepEqual(trouble, []);
  await context.close();
});
