// Takes pictures of every page from a running server of the sample office, at 1280 and 390 px, light and dark.
//
//   SEKISHO_URL=… SEKISHO_NAME=… SEKISHO_PASSWORD=… [SEKISHO_AUDITOR=NAME] node tools/take_pictures.mjs [FOLDER]     (default docs/screens)
//
// With --readme only the four pictures of README.md, into docs/pictures.
import { mkdirSync } from "node:fs";
import { ask, open, settle, start } from "../tests/web/page.mjs";

const readme = process.argv.includes("--readme");
const folder = process.argv.slice(2).find((one) => !one.startsWith("--")) ?? (readme ? "docs/pictures" : "docs/screens");
const question = process.env.SEKISHO_QUESTION ?? "一時預かりの利用料はいくらですか。";
mkdirSync(folder, { recursive: true });
const world = await start();

async function shoot(page, name) {
  await settle(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

async function pictureEach(look, name) {
  const { page, context } = await open(world, { ...look, signedIn: false });
  const here = (title) => shoot(page, `${title}.${name}`);
  await here("sign-in");
  await page.fill("input[name=username]", process.env.SEKISHO_NAME ?? "hayakawa");
  await page.fill("input[name=password]", process.env.SEKISHO_PASSWORD ?? "kirigahara-no-yama");
  await page.click("button[type=submit]");
  await page.waitForSelector("header.bar");
  await here("first");
  await page.evaluate(() => localStorage.setItem("sekisho.welcomed", "yes"));
  await ask(page, question);
  await here("chat");
  if (await page.$(".mark")) {
    await page.click(".mark");
    await here("chat-source");
  }
  for (const [path, title] of [["/questions", "questions"], ["/shelves", "shelves"], [`/search?q=${encodeURIComponent("利用料")}`, "search"], ["/settings", "settings"],
    ["/admin/health", "health"], ["/admin/load", "load"], ["/admin/models", "models"], ["/admin/people", "people"], ["/admin/groups", "groups"]]) {
    await page.goto(world.url + path);
    await page.waitForSelector("main h1");
    await here(title);
    if (title !== "shelves" || !await page.$(".table tbody tr th a")) continue;
    await page.click(".table tbody tr th a");
    await page.waitForURL(/\/shelves\//);
    await here("shelf");
    if (!await page.$('th a[href^="/documents/"]')) continue;
    await page.click('th a[href^="/documents/"]');
    await page.waitForSelector(".passage");
    await here("document");
  }
  await context.close();
  if (process.env.SEKISHO_AUDITOR) await pictureAudit(look, name);
}

async function pictureAudit(look, name) {
  const { page, context } = await open(world, { ...look, signedIn: false });
  await page.fill("input[name=username]", process.env.SEKISHO_AUDITOR);
  await page.fill("input[name=password]", process.env.SEKISHO_PASSWORD);
  await page.click("button[type=submit]");
  await page.waitForSelector(".table tbody tr");
  await shoot(page, `audit.${name}`);
  await context.close();
}

async function pictureReadme() {
  for (const [name, size] of [["chat", { width: 1280, height: 800 }], ["chat-phone", { width: 390, height: 800 }]]) {
    const { page, context } = await open(world, size);
    await ask(page, question);
    await shoot(page, name);
    if (name === "chat") {
      for (const [path, file] of [["/shelves", "shelves"], ["/admin/health", "health"]]) {
        await page.goto(world.url + path);
        await shoot(page, file);
      }
    }
    await context.close();
  }
}

if (readme) await pictureReadme();
else {
  for (const width of [1280, 390]) {
    for (const dark of [false, true]) await pictureEach({ width, height: 800, dark }, `${width}${dark ? ".dark" : ""}`);
  }
}
await world.close();
