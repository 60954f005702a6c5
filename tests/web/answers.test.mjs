// What happens to an answer, in a real browser on the real server whose model says what the question tells it to.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, open, settle, signIn, start } from "./page.mjs";

let world;
before(async () => { world = await start(); });
after(async () => { await world.close(); });

/** A question that is answered without documents. */
async function free(page) {
  await page.click(".composer__scope");
  await page.click(".scope__pop >> text=資料を使わずに答える");
  await page.keyboard.press("Escape");
}
async function send(page, text) {
  await page.fill(".composer textarea", text);
  await page.press(".composer textarea", "Control+Enter");
}
const answers = (page) => page.$$eval(".turn--answer .prose", (all) => all.map((one) => one.textContent));
async function until(page, text) {
  await page.waitForFunction((wanted) => [...document.querySelectorAll(".turn--answer .prose")].some((one) => one.textContent.includes(wanted)), text, { timeout: 10_000 });
}

test("an answer that was stopped goes on where it stopped, and both are kept", async () => {
  const { context, page } = await open(world);
  await free(page);
  await send(page, "!begin あいうえおかきくけこ");
  await until(page, "あいうえお");
  await page.click(".composer__end .btn");
  await page.waitForSelector('.banner:has-text("停止しました。")');
  await page.click('.banner .btn:has-text("続きから再開する")');
  await until(page, "あいうえおかきくけこ");
  await page.waitForSelector('.branch:has-text("2 / 2")');
  await page.reload();
  await page.waitForSelector('.branch:has-text("2 / 2")');
  await page.click(".branch button >> nth=0");
  assert.deepEqual(await answers(page), ["あいうえお"]);
  await context.close();
});

test("an answer that reached its limit, and one whose model ended, say so and go on", async () => {
  const { context, page } = await open(world);
  await free(page);
  for (const [command, words] of [["cut", "回答が長さの上限に達した"], ["break", "回答が途中で止まりました。"]]) {
    await page.goto(world.url);
    await send(page, `!${command} 一二三四五六七八九十`);
    await page.waitForSelector(`.banner:has-text("${words}")`);
    assert.deepEqual(await answers(page), ["一二三四五"]);
    await page.waitForTimeout(command === "break" ? 1500 : 0); // The worker starts again.
    await page.click('.banner .btn:has-text("続きから再開する")');
    await until(page, "一二三四五六七八九十");
  }
  await context.close();
});

test("a question in other words stands beside the first, and what follows follows the branch that is shown", async () => {
  const { context, page } = await open(world);
  await free(page);
  await ask(page, "!say 一つ目の答えです。");
  await page.click('.turn__end .tool:has-text("直して聞き直す")');
  await page.fill(".edit textarea", "!say 直した答えです。");
  await page.fill(".composer textarea", "書きかけの文");
  await page.press(".edit textarea", "Control+Enter");
  await until(page, "直した答えです。");
  await page.waitForSelector('.branch:has-text("2 / 2")');
  assert.equal(await page.inputValue(".composer textarea"), "書きかけの文");
  await page.click(".branch button >> nth=0");
  await until(page, "一つ目の答えです。");
  await ask(page, "!say 一つ目に続く答えです。");
  assert.deepEqual(await answers(page), ["一つ目の答えです。", "一つ目に続く答えです。"]);
  await page.click(".branch button >> nth=1");
  assert.deepEqual(await answers(page), ["直した答えです。"]);
  await context.close();
});

test("an answer is copied as text and as Markdown", async () => {
  const { context, page } = await open(world);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await free(page);
  await ask(page, "!say # 見出し\n- **重要**な点\n- 次の点");
  await page.click('.actions .tool:has-text("コピー") >> nth=0');
  await page.waitForSelector(".toast");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "見出し\n\n・重要な点\n・次の点");
  await page.click('.actions .tool:has-text("Markdownでコピー")');
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith("#"));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "# 見出し\n- **重要**な点\n- 次の点");
  await context.close();
});

test("a rating is kept with its reasons, shown again, and taken back", async () => {
  const { context, page } = await open(world);
  await free(page);
  await ask(page, "!say 直してほしい答えです。");
  await page.click('.actions .tool:has-text("直してほしい")');
  await page.click('.rate .choice:has-text("足りない")');
  await page.fill(".rate input.input", "金額がない");
  await page.press(".rate input.input", "Enter");
  await page.waitForSelector('.actions .tool[aria-pressed=true]:has-text("直してほしい")');
  await page.reload();
  await page.waitForSelector('.actions .tool[aria-pressed=true]:has-text("直してほしい")');
  await page.click('.actions .tool:has-text("直してほしい")');
  assert.equal(await page.inputValue(".rate input.input"), "金額がない");
  assert.equal(await page.isChecked('.rate .choice:has-text("足りない") input'), true);
  await page.click('.actions .tool:has-text("役に立った")');
  await page.waitForSelector('.actions .tool[aria-pressed=true]:has-text("役に立った")');
  await page.click('.actions .tool:has-text("役に立った")');
  await page.waitForFunction(() => document.querySelector(".actions .tool[aria-pressed=true]") === null);
  await context.close();
});

test("a second tab follows the same answer, and takes in what the first one asked meanwhile", async () => {
  const { context, page } = await open(world);
  await free(page);
  await send(page, "!begin 二つの画面で同じ回答を見ます。");
  await page.waitForURL(/\/questions\//);
  const second = await context.newPage();
  await second.goto(page.url());
  await until(second, "二つの画面");
  await page.click(".composer__end .btn");
  await second.waitForSelector('.banner:has-text("停止しました。")');
  await ask(page, "!say 後から聞いた答えです。");
  await second.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await until(second, "後から聞いた答えです。");
  await context.close();
});

test("a network that drops out resumes the running answer without saying anything twice", async () => {
  const { context, page } = await open(world);
  await free(page);
  await send(page, "!begin 網が切れても続きます。");
  await until(page, "網が切れて");
  await context.setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await context.setOffline(false);
  await page.click(".composer__end .btn");
  await page.waitForSelector('.banner:has-text("停止しました。")');
  assert.equal((await answers(page))[0].split("網が").length, 2);
  await context.close();
});

for (const [status, body, words] of [
  [500, '{"error":{"code":"internal","detail":"","trace_id":"T-500"}}', /内部の処理に失敗しました.*T-500/s],
  [429, '{"error":{"code":"rate_limited","detail":"","trace_id":"T-429"}}', /短い間に操作が続いた.*20秒後に試せます/s],
  [502, "<html>bad gateway</html>", /今は動いていません/],
]) {
  test(`a question that the server answers with ${status} comes back into its field with the reason`, async () => {
    const { context, page } = await open(world);
    await page.route("**/api/v1/turns", (route) => route.fulfill({ status, body, headers: { "Retry-After": "20", "Content-Type": "application/json" } }));
    await send(page, "消えては困る質問");
    await page.waitForSelector(".composer .banner");
    assert.match(await page.textContent(".composer .banner"), words);
    assert.equal(await page.inputValue(".composer textarea"), "消えては困る質問");
    await page.reload();
    await page.waitForSelector(".composer textarea");
    assert.equal(await page.inputValue(".composer textarea"), "消えては困る質問");
    await context.close();
  });
}

test("a stream that is cut off in the middle of an event is read on from the event before", async () => {
  const { context, page } = await open(world);
  await free(page);
  let cut = 0;
  await page.route("**/api/v1/turns", async (route) => {
    const response = await route.fetch();
    const whole = await response.text();
    cut = Math.floor(whole.length * 0.6);
    await route.fulfill({ response, body: whole.slice(0, cut) });
  });
  await send(page, "!say 途中で切れても、全部そろいます。");
  await page.waitForSelector(".turn--answer:not([aria-busy]) .colophon", { timeout: 20_000 });
  assert.ok(cut > 0);
  assert.deepEqual(await answers(page), ["途中で切れても、全部そろいます。"]);
  await context.close();
});

test("a session that ends under a question loses nothing, and the page comes back to where it was", async () => {
  const { context, page } = await open(world);
  await free(page);
  await ask(page, "!say 一つ目。");
  const address = page.url();
  await page.fill(".composer textarea", "消えては困る続きの質問です。");
  await context.clearCookies();
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector("input[name=password]");
  assert.match(await page.textContent("main"), /書きかけの質問は保存してあり/);
  await signIn(page);
  await page.waitForFunction(() => document.querySelector(".composer textarea")?.value === "消えては困る続きの質問です。");
  assert.equal(page.url(), address);
  await until(page, "一つ目。");
  await context.close();
});

test("200,000 pasted characters are counted and explained before sending, and survive a reload", async () => {
  const { context, page } = await open(world);
  page.setDefaultTimeout(120_000); // To lay out so long a line takes the browser seconds.
  await page.$eval(".composer textarea", (field) => { field.value = "予算の執行。".repeat(33_334); field.dispatchEvent(new Event("input", { bubbles: true })); });
  await page.waitForSelector(".composer .field__error");
  assert.match(await page.textContent(".composer .field__error"), /192,004字多いため/);
  assert.equal(await page.getAttribute(".composer__end .btn--primary", "aria-disabled"), "true");
  await page.waitForTimeout(700);
  await page.reload();
  await page.waitForFunction(() => document.querySelector(".composer textarea")?.value.length === 200_004);
  await settle(page);
  await context.close();
});
