// What the page says of personal data: beside a question, in a document, before an export; and a shelf's label changed with a reason.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, start } from "./page.mjs";

let world, page, trouble;
before(async () => {
  world = await start();
  ({ page, trouble } = await open(world));
});
after(async () => { await world.close(); });

test("a number in a question is told, and the label of the conversation is raised", async () => {
  await page.fill(".composer textarea", "個人番号は983205673214です。書き方を教えてください。!say 承りました。");
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector(".turn--answer:not([aria-busy]) .colophon");
  const told = await page.textContent(".turn--answer .banner");
  assert.match(told, /質問に個人番号（1件）が含まれています。この会話の格付を「機密性2」に上げました。/);
});

test("a label is changed with a reason, and nothing happens without one", async () => {
  await page.goto(`${world.url}/shelves`);
  await page.click("table a");
  await page.click("button:has-text('格付を変える')");
  const dialog = page.locator("dialog, [role=dialog]").first();
  await dialog.locator("button[type=submit]").click();
  await dialog.locator("text=理由を5文字以上で入力してください。").waitFor();
  await dialog.locator("label:has-text('複製禁止') input").check();
  await dialog.locator("input[type=text], textarea").last().fill("内部の資料と分かったため");
  await dialog.locator("button[type=submit]").click();
  await page.waitForSelector(".page-head__lead:has-text('複製禁止')");
});

test("a file with a number tells which, and what to do", async () => {
  await page.setInputFiles("input[type=file]", { name: "申請.txt", mimeType: "text/plain", buffer: Buffer.from("個人番号：983205673214\n") });
  await page.click("a:has-text('申請.txt')", { timeout: 30_000 });
  await page.waitForSelector(".doc__side .banner");
  assert.match(await page.textContent(".doc__side .banner"), /個人情報が見つかりました.*個人番号1件.*「機密性2」以上の書架に移すことを勧めます。/s);
});

test("nothing was complained about", () => { assert.deepEqual(trouble, []); });
