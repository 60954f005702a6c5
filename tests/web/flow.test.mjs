// The main job and what can go wrong with it, in a real browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, name, open, password, question, real, settle, signIn, start } from "./page.mjs";

let world;
before(async () => { world = await start({ stepMs: 10 }); });
after(async () => { await world.close(); });

/** Presses Tab until the focus is on something that matches. */
async function tabTo(page, selector, most = 120) {
  for (let count = 0; count < most; count++) {
    await page.keyboard.press("Tab");
    if (await page.$eval(":focus", (element, wanted) => element.matches(wanted), selector).catch(() => false)) return;
  }
  assert.fail(`the keyboard does not reach ${selector}`);
}

test("the main job is done by keyboard alone: sign in, ask, open a source, read it in its document", async () => {
  const { context, page, trouble } = await open(world, { signedIn: false, kept: { welcomed: "yes" } });
  await page.keyboard.type(name);
  await tabTo(page, "input[name=password]");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".composer textarea");
  await tabTo(page, ".composer textarea");
  await page.keyboard.insertText(question);
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".turn--answer:not([aria-busy]) .colophon", { timeout: 180_000 });
  await page.focus("#main");
  await tabTo(page, ".mark");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.shell[data-panel="open"] .paper__text .hit');
  assert.equal(await page.getAttribute(".mark:focus", "aria-expanded"), "true");
  await tabTo(page, '.source-tab[aria-selected="true"]');
  if ((await page.$$(".source-tab")).length > 1) {
    const before = await page.textContent('.source-tab[aria-selected="true"]');
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((old) => document.querySelector('.source-tab[aria-selected="true"]')?.textContent !== old, before);
  }
  await tabTo(page, '.panel a[href^="/documents/"]');
  await page.keyboard.press("Enter");
  await page.waitForSelector(".passage[data-cited]");
  assert.deepEqual(trouble, []);
  await context.close();
});

test("an answer shows its sources, checks, label, model and time, and copies the model's own text", async () => {
  const { context, page } = await open(world);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ask(page, question);
  await page.waitForSelector(".claim[data-check=ok] .mark");
  assert.match(await page.textContent(".colophon"), /照合.*モデル.*作成令和\d+年.*格付/s);
  await page.click(".actions >> text=コピー >> nth=-1");
  await page.waitForSelector(".toast");
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /出典1：/);
  await context.close();
});

test("the page speaks English from signing in on, after a reload too, and Japanese again", async () => {
  const { context, page, trouble } = await open(world, { signedIn: false, kept: { welcomed: "yes" } });
  await page.fill("input[name=username]", "nobody-here");
  await page.click('.gate__foot label:has-text("English")');
  await page.waitForSelector('button[type=submit]:has-text("Sign in")');
  await page.fill("input[name=username]", "nobody-here");
  await page.fill("input[name=password]", "not the password");
  await page.click("button[type=submit]");
  await page.waitForSelector('.field__error:has-text("The user name or the password is wrong.")');
  await signIn(page);
  await page.waitForSelector('.nav__link:has-text("Shelves")');
  await page.reload();
  await page.waitForSelector('.nav__link:has-text("Shelves")');
  assert.equal(await page.getAttribute("html", "lang"), "en");
  await page.goto(`${world.url}/shelves/none-of-ours`);
  await page.waitForSelector('.banner:has-text("This shelf cannot be opened.")');
  await page.goto(`${world.url}/settings`);
  await page.click('#language label:has-text("日本語")');
  await page.waitForSelector('h1:has-text("入力と表示")');
  assert.deepEqual(trouble, []);
  await context.close();
});

test("a reload in the middle goes on with the same answer", async () => {
  const { context, page } = await open(world);
  await page.fill(".composer textarea", `${question}長く書いてください。`);
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForURL(/\/questions\//);
  await page.waitForSelector(".turn--answer .prose");
  await page.reload();
  await page.waitForSelector(".turn--answer:not([aria-busy]) .colophon", { timeout: 180_000 });
  const shown = await page.$$eval(".turn--answer", (answers) => answers.length);
  assert.equal(shown, 1);
  await context.close();
});

test("what was typed survives a session that ended", async () => {
  const { context, page } = await open(world);
  await page.fill(".composer textarea", "消えては困る質問です。");
  await context.clearCookies();
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector("input[name=password]");
  await signIn(page);
  await page.waitForFunction(() => document.querySelector(".composer textarea")?.value === "消えては困る質問です。");
  await context.close();
});

test("a question over the limit is counted, explained and not sent", async () => {
  const { context, page } = await open(world);
  await page.fill(".composer textarea", "あ".repeat(200_000));
  assert.match(await page.textContent(".composer .field__error"), /字多いため/);
  const before = page.url();
  await page.press(".composer textarea", "Control+Enter");
  assert.equal(page.url(), before);
  assert.equal(await page.$(".turn"), null);
  await context.close();
});

test("a file is added with progress and becomes readable; an empty one is refused with its reason", async () => {
  const { context, page } = await open(world);
  await page.goto(`${world.url}/shelves`);
  await page.click(".table tbody tr th a");
  await page.waitForSelector(".drop");
  const file = `確認用 ${Date.now()}.txt`;
  await page.setInputFiles("input[type=file]", [
    { name: file, mimeType: "text/plain", buffer: Buffer.from("第1条　この文書は、画面の試験のために追加した。\n") },
    { name: "空の文書.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) },
  ]);
  await page.waitForSelector(`tr:has-text("${file}") .status[data-state=ok]`, { timeout: 60_000 });
  assert.match(await page.textContent('tr:has-text("空の文書.txt")'), /ファイルが空です/);
  await page.click(`tr:has-text("${file}") th a`);
  await page.waitForSelector(".passage");
  await context.close();
});

test("a question is renamed, pinned, deleted and taken back", async () => {
  const { context, page } = await open(world);
  await ask(page, question);
  await page.click(".talk-head__end button >> nth=0");
  await page.fill("dialog input", "直した題名");
  await page.press("dialog input", "Enter");
  await page.waitForSelector('.talk-head h1:has-text("直した題名")');
  await page.click(".talk-head .acts > button");
  await page.click('.acts__list button:has-text("ピン留めする")');
  await page.waitForSelector('.side__head:has-text("ピン留め")');
  await page.click(".talk-head .acts > button");
  await page.click('.acts__list button:has-text("削除")');
  await page.waitForURL(`${world.url}/`);
  await page.waitForFunction(() => ![...document.querySelectorAll(".item")].some((item) => item.textContent.includes("直した題名")));
  await page.click('.toast button:has-text("元に戻す")');
  await page.waitForSelector('.item:has-text("直した題名")');
  await context.close();
});

test("questions are put into a folder, put away, found again by their words, and deleted for good", async () => {
  const { context, page } = await open(world);
  await ask(page, question);
  await page.goto(`${world.url}/questions`);
  const row = '.rows__row:has-text("一時預かり") >> nth=0';
  await page.click(`${row} >> .acts > button`);
  await page.click('.acts__list button:has-text("フォルダーに入れる")');
  const folder = `子育て ${Date.now() % 100000}`;
  await page.click('dialog label:has-text("新しいフォルダー")');
  await page.fill("dialog input[type=text]", folder);
  await page.press("dialog input[type=text]", "Enter");
  await page.click(`.history__views a:has-text("${folder}")`);
  await page.waitForSelector(`h1:has-text("${folder}")`);
  await page.waitForFunction(() => document.querySelectorAll(".rows__row").length === 1);
  await page.click(`${row} >> .acts > button`);
  await page.click('.acts__list button:has-text("しまう")');
  await page.waitForFunction(() => document.querySelectorAll(".rows__row").length === 0);
  await page.goto(`${world.url}/questions?view=archived`);
  await page.waitForSelector(row);
  await page.fill(".history__search input", "利用料");
  await page.press(".history__search input", "Enter");
  await page.waitForSelector('.near__item mark:has-text("利用料")');
  await page.click('.near__item:has(.near__head:has-text("一時預かり")) .near__quote--link >> nth=0');
  await page.waitForSelector(".turn--answer .prose");
  await page.click(".talk-head .acts > button");
  await page.click('.acts__list button:has-text("削除")');
  await page.waitForSelector('.toast:has-text("削除しました")');
  await page.goto(`${world.url}/questions?view=deleted`);
  await page.click(`${row} >> .acts > button`);
  await page.click('.acts__list button:has-text("完全に削除する")');
  await page.waitForFunction(() => document.activeElement?.textContent === "やめる");
  await page.click("dialog .btn--danger");
  await page.waitForFunction(() => !document.querySelector(".rows__row"));
  await context.close();
});

test("a list of 10,000 and a conversation of 2,000 turns draw only what is near, and open and scroll quickly", { skip: real }, async () => {
  const now = Date.now();
  const turn = (id, parent, text) => ({ id, parent_id: parent, question: text, mode: "none", shelves: [], answer: `${text}の答えです。`, state: "done", claims: [], sources: [], not_found: null, model: "trial", created_ms: now, level: 1, error: null, because_source: null, notices: [], rating: null, reason: "stop" });
  for (let index = 0; index < 10_000; index++) world.fake.state.conversations.push({ id: `many${index}`, user: "u2", title: `たくさんの質問 ${index}`, level: 1, updated_ms: now - 1e12 - index * 60_000, turns: [turn(`m${index}`, null, "質問")] });
  world.fake.state.conversations.push({ id: "long", user: "u2", title: "長い会話", level: 1, updated_ms: now - 1e12 + 1, turns: Array.from({ length: 2000 }, (_, index) => turn(`l${index}`, index > 0 ? `l${index - 1}` : null, `${index + 1}番目の質問`)) });
  const { context, page, trouble } = await open(world);
  const asked = [];
  page.on("request", (request) => { if (request.url().includes("/api/v1/conversations")) asked.push(request.url()); });
  await page.goto(`${world.url}/questions/long`);
  await page.waitForSelector("#t-l1999");
  assert.equal(asked.filter((url) => url.includes("/long")).length, 1);
  assert.ok(await page.$$eval(".turn", (turns) => turns.length) < 200);
  await page.goto(`${world.url}/questions/long?turn=l500`);
  await page.waitForFunction(() => { const top = document.getElementById("t-l500")?.getBoundingClientRect().top; return top !== undefined && top >= 0 && top < 300; });
  await page.goto(`${world.url}/questions`);
  for (let loaded = 0; loaded < 12; loaded++) {
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(150);
  }
  assert.ok(await page.$$eval(".rows__row", (rows) => rows.length) < 120);
  assert.ok(await page.evaluate(() => document.documentElement.scrollHeight) > 500 * 40);
  assert.deepEqual(trouble, []);
  world.fake.state.conversations = world.fake.state.conversations.filter((one) => !/^(many|long)/.test(one.id));
  await context.close();
});

test("an answer without documents can hold anything and loads nothing", { skip: real }, async () => {
  const { context, page, trouble } = await open(world);
  await page.click(".composer__scope");
  await page.click("text=資料を使わずに答える >> nth=-1");
  await page.keyboard.press("Escape");
  await ask(page, "あいさつ文を書いてください。");
  assert.equal(await page.$(".prose img, .prose script, .prose a"), null);
  assert.equal(await page.textContent(".prose strong"), "「誠に」");
  await page.click(".prose .out");
  await page.waitForSelector("dialog[open] >> text=https://www.town.example.jp/annai");
  await page.keyboard.press("Escape");
  assert.deepEqual(trouble, []);
  await context.close();
});

test("a stream that is cut off comes back and completes, once", { skip: real }, async () => {
  const { context, page } = await open(world);
  await ask(page, "利用料を教えてください（切断）");
  const text = await page.textContent(".prose");
  assert.equal(text.split("町民税非課税世帯は").length, 2);
  await context.close();
});

test("stop keeps what was written; again makes a second answer beside the first", { skip: real }, async () => {
  const { context, page } = await open(world);
  await page.fill(".composer textarea", "長く書いてください。利用料のことです。");
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector(".prose .claim");
  await page.click(".composer__end .btn");
  await page.waitForSelector('.banner:has-text("停止しました。")');
  await page.click('.actions .tool:has-text("書き直す")');
  await page.waitForSelector('.branch:has-text("2 / 2")');
  await context.close();
});

test("what the documents do not say is said so, with what to do and the nearest passages", { skip: real }, async () => {
  const { context, page } = await open(world);
  await ask(page, "町営バスの運転手の夏季休暇は、何日取れますか。");
  assert.equal(await page.textContent(".nothing"), "資料には見当たりません。");
  assert.ok((await page.$$(".near__item .term")).length > 0);
  assert.ok(await page.$('button:has-text("資料を使わずに答える")'));
  await context.close();
});

test("a question that is not taken comes back into the field, with the reason", { skip: real }, async () => {
  const { context, page } = await open(world);
  await page.fill(".composer textarea", "混雑しているときの質問");
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector(".composer .banner");
  assert.equal(await page.inputValue(".composer textarea"), "混雑しているときの質問");
  assert.match(await page.textContent(".composer .banner"), /混み合っています/);
  await context.close();
});

test("the one-time link makes the first account, once", { skip: real }, async () => {
  const { context, page } = await open(world, { signedIn: false });
  await page.goto(`${world.url}/setup?token=first-use-token`);
  await page.fill("input[name=username]", "shacho");
  await page.fill("input[name=display_name]", "町長 太郎");
  await page.fill("input[name=password]", "nagai-kotoba-wo-naraberu");
  await page.fill("input[name=again]", "chigau");
  await page.click("button[type=submit]");
  assert.match(await page.textContent(".field__error"), /2つのパスワードが違います/);
  await page.fill("input[name=again]", "nagai-kotoba-wo-naraberu");
  await page.click("button[type=submit]");
  await page.waitForSelector(".composer");
  await page.goto(`${world.url}/setup?token=first-use-token`);
  await page.waitForSelector('.banner:has-text("このリンクは使えません。")');
  await context.close();
});

test("each role sees its own pages", { skip: real }, async () => {
  const context = await world.browser.newContext();
  const page = await context.newPage();
  for (const [who, links] of [["saeki", ["質問", "書架"]], ["hayakawa", ["質問", "書架", "管理"]], ["kansa", ["監査"]]]) {
    await page.goto(world.url);
    await page.fill("input[name=username]", who);
    await page.fill("input[name=password]", password);
    await page.click("button[type=submit]");
    await page.waitForSelector("header.bar");
    assert.deepEqual(await page.$$eval(".nav__link", (all) => all.map((link) => link.textContent)), links);
    await page.goto(`${world.url}/admin/people`);
    await settle(page);
    assert.equal(await page.textContent("h1"), who === "hayakawa" ? "利用者" : "開けません");
    await context.clearCookies();
  }
  await context.close();
});
