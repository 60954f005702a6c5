// Attachments, export, a summary, versions and undo in a real browser, on the real server with a scripted model worker.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
/** A picture that ends where it begins: it cannot be read, with or without a reader of pictures. */
const cutPicture = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const file = (name, text, mimeType = "text/plain") => ({ name, mimeType, buffer: Buffer.from(text) });

test("a question is answered from what was attached to it; what cannot be read says why", async () => {
  const { context, page, trouble } = await open(world, { axe: true, kept: { welcomed: "yes" } });
  await page.setInputFiles(".composer input[type=file]", [file("覚書.txt", "第1条　鶴亀算の会は、毎月十日に開く。"), file("写真.png", cutPicture, "image/png"), file("空.txt", ""), file("壊れた.pdf", "%PDF-1.4\n1 0 obj <<")]);
  await page.waitForSelector("dialog[open]");
  await page.click("dialog button[type=submit]");
  await page.waitForSelector('.attached__file:has-text("覚書.txt") .status[data-state=ok]', { timeout: 30_000 });
  await page.waitForSelector('.attached__file:has-text("壊れた.pdf") .status[data-state=bad]', { timeout: 30_000 });
  await page.waitForSelector('.attached__file:has-text("写真.png") .status[data-state=bad]', { timeout: 30_000 });
  assert.match(await page.textContent('.attached__file:has-text("写真.png") .reason'), /。$/);
  assert.match(await page.textContent('.attached__file:has-text("空.txt")'), /ファイルが空です/);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.target}`), []);
  await ask(page, "鶴亀算の会はいつですか。\n!say 鶴亀算の会は、毎月十日に開きます。");
  await page.waitForSelector('.panel:has-text("覚書.txt")');
  await page.reload();
  await page.waitForSelector('.attached summary:has-text("3件")');
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

test("cells from a spreadsheet become a table in the question, undo takes it back, and what was typed stays", async () => {
  const { context, page, trouble } = await open(world, { kept: { welcomed: "yes" } });
  await page.focus(".composer textarea");
  await page.keyboard.insertText("この表を読んでください。");
  const before = await page.inputValue(".composer textarea");
  const paste = () => page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "区分\t金額\r\n3歳未満\t2,400\r\n");
    data.setData("text/html", "<table><tr><td>区分<td>金額<tr><td>3歳未満<td>2,400</table>");
    data.items.add(new File(["x"], "image.png", { type: "image/png" })); // As Excel does.
    document.querySelector(".composer textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await paste();
  const table = "| 区分 | 金額 |\n| --- | --- |\n| 3歳未満 | 2,400 |\n";
  assert.equal(await page.inputValue(".composer textarea"), before + table);
  assert.equal(await page.$("dialog[open]"), null, "the picture of the cells is not attached");
  await page.keyboard.press("Control+z");
  assert.equal(await page.inputValue(".composer textarea"), before);
  await paste();
  await page.click(".attached__offer button");
  await page.waitForSelector("dialog[open]");
  assert.equal(await page.inputValue(".composer textarea"), before);
  assert.deepEqual(trouble, []);
  await context.close();
});

test("a dropped folder is added file by file, what is no document is left out and named, and a pasted picture is attached", async () => {
  const { context, page, trouble } = await open(world, { kept: { welcomed: "yes" } });
  const folder = mkdtempSync(join(tmpdir(), "sekisho-drop-"));
  mkdirSync(join(folder, "束", "内訳"), { recursive: true });
  for (const [name, text] of [["束/要領.txt", "第1条　束の要領である。"], ["束/内訳/内訳書.txt", "内訳は、次のとおりとする。"], ["束/.DS_Store", "x"], ["束/~$要領.docx", "x"], ["束/内訳/Thumbs.db", "x"]]) writeFileSync(join(folder, name), text);
  await page.goto(`${world.url}/shelves`);
  await page.click("main .table a, main .rows a, main a[href^='/shelves/']");
  await page.waitForSelector(".drop");
  const box = await page.locator(".drop").boundingBox();
  const cdp = await context.newCDPSession(page);
  const data = { items: [], files: [join(folder, "束")], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await cdp.send("Input.dispatchDragEvent", { type, x: box.x + 20, y: box.y + 20, data });
  for (const name of ["要領.txt", "内訳書.txt"]) await page.waitForSelector(`tr:has-text("${name}") .status[data-state=ok]`, { timeout: 30_000 });
  const said = await page.textContent("main .banner");
  assert.match(said, /文書ではない3件は、加えません/);
  for (const name of [".DS_Store", "~$要領.docx", "Thumbs.db"]) assert.ok(said.includes(name), name);
  assert.equal(await page.locator('tr:has-text("Thumbs.db")').count(), 0);
  await page.goto(world.url);
  await page.focus(".composer textarea");
  await page.evaluate((bytes) => {
    const picture = new DataTransfer();
    picture.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }));
    document.querySelector(".composer textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: picture, bubbles: true, cancelable: true }));
  }, [...cutPicture]);
  await page.click("dialog button[type=submit]");
  await page.waitForSelector('.attached__file:has-text("貼り付けた画像.png") .reason', { timeout: 30_000 });
  assert.deepEqual(trouble, []);
  rmSync(folder, { recursive: true });
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
