// Sealed words of the log, on the real server: an auditor asks, an operator agrees, the auditor reads.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, password, start } from "./page.mjs";

let world;
before(async () => { world = await start(); });
after(async () => { await world.close(); });

async function as(name, work) {
  const { context, page, trouble } = await open(world, { signedIn: false });
  await page.fill("input[name=username]", name);
  await page.fill("input[name=password]", password);
  await page.click("button[type=submit]");
  await page.waitForSelector("header.bar");
  await work(page);
  assert.deepEqual(trouble, []);
  await context.close();
}

test("two people open the words behind an answer", async () => {
  const reason = `苦情の調査のため${Date.now()}`;
  const row = `.verdict:has-text("${reason}")`;
  await as("kansa", async (page) => {
    await page.fill(".filters input >> nth=2", "closed.answer");
    await page.click(".filters >> text=絞り込む");
    await page.waitForFunction(() => [...document.querySelectorAll(".table tbody tr summary")].length > 0 && [...document.querySelectorAll(".table tbody tr summary")].every((one) => one.textContent === "回答の終わり"));
    await page.click(".table tbody tr summary >> nth=0");
    await page.click("details[open] >> text=中身の開示を求める");
    assert.match(await page.textContent("details[open] .field__error"), /理由を4文字以上/);
    await page.fill("details[open] .one-field input", reason);
    await page.click("details[open] >> text=中身の開示を求める");
    await page.waitForSelector(`${row}:has-text("承認待ち")`);
    assert.equal(await page.locator(`${row} button`).count(), 0, "nobody agrees to their own");
  });
  await as("hasegawa", async (page) => {
    await page.goto(`${world.url}/admin/health`);
    await page.click(`${row} button:has-text("承認する")`);
    await page.waitForSelector(`${row}:has-text("承認済み")`);
    assert.equal(await page.locator(`${row} button`).count(), 0, "who agreed does not read");
  });
  await as("kansa", async (page) => {
    await page.click(`${row} button:has-text("中身を読む")`);
    await page.waitForSelector(`${row}:has-text("封じた言葉")`);
    await page.click(`${row} button:has-text("閉じる")`);
    assert.equal(await page.locator(`${row}:has-text("封じた言葉")`).count(), 0);
  });
});
