// What the page's tests share: a browser, a server, a person, and a walk through everything that this person can open.
//
// SEKISHO_URL, SEKISHO_NAME, SEKISHO_PASSWORD: the real server and an account with the roles official, author and operator.
// Without SEKISHO_URL the page's own fake server is started (web/dist must be built). SEKISHO_CHROMIUM: the browser.
import { readFileSync } from "node:fs";
import { chromium } from "../../web/node_modules/playwright-core/index.mjs";

export const real = Boolean(process.env.SEKISHO_URL);
export const name = process.env.SEKISHO_NAME ?? "hayakawa";
export const password = process.env.SEKISHO_PASSWORD ?? "kirigahara-no-yama";
export const question = process.env.SEKISHO_QUESTION ?? "一時預かりの利用料と、申込みの期限を教えてください。";
const axeSource = readFileSync(new URL("../../web/node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** Starts the browser and, unless one is given, a server. `close()` ends both. */
export async function start({ stepMs = 5 } = {}) {
  const fake = real ? null : await (await import("../../web/dev/fake_server.mjs")).startFake({ stepMs });
  const browser = await chromium.launch({
    executablePath: process.env.SEKISHO_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const url = (process.env.SEKISHO_URL ?? fake.url).replace(/\/$/, "");
  return { url, fake, browser, close: async () => { await browser.close(); fake?.close(); } };
}

/** A new profile. `trouble` collects what the console complains about and every request that leaves for elsewhere. */
export async function open(world, { width = 1280, height = 800, dark = false, forced = false, touch = false, kept = {}, axe = false, signedIn = true } = {}) {
  const context = await world.browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", forcedColors: forced ? "active" : "none", hasTouch: touch, isMobile: touch, locale: "ja-JP", timezoneId: "Asia/Tokyo" });
  await context.addInitScript((values) => { for (const [key, value] of Object.entries(values)) localStorage.setItem(`sekisho.${key}`, value); }, kept);
  if (axe) await context.addInitScript({ content: axeSource });
  const page = await context.newPage();
  const trouble = [];
  page.on("console", (message) => {
    // A refused request is an answer, and the browser tells of each: 401 before signing in belongs to the contract.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith(world.url) && !request.url().startsWith("data:")) trouble.push(`request to ${request.url()}`); });
  await page.goto(world.url);
  await page.waitForSelector("input[name=username]");
  if (signedIn) await signIn(page);
  return { context, page, trouble };
}

export async function signIn(page) {
  await page.fill("input[name=username]", name);
  await page.fill("input[name=password]", password);
  await page.click("button[type=submit]");
  await page.waitForSelector("header.bar");
}

export async function ask(page, text) {
  await page.fill(".composer textarea", text);
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector(".turn--answer[aria-busy]", { timeout: 10_000 }).catch(() => undefined);
  await page.waitForSelector(".turn--answer:not([aria-busy]) .colophon", { timeout: real ? 180_000 : 20_000 });
}

/** Waits until nothing on the page says that it is loading. */
export async function settle(page) {
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.waitForTimeout(100);
}

export const kindOf = (path) => path.replace(/^\/(questions|shelves|documents)\/.+/, "/$1/…").replace(/\?.*/, "");

/** Every address that links lead to from the first page, at most two of a kind, and what no link names. */
export async function walk(page, url) {
  const waiting = ["/", "/settings", `/search?q=${encodeURIComponent("利用料")}`];
  const seen = new Set();
  const kinds = new Map();
  const pages = [];
  while (waiting.length > 0) {
    const path = waiting.shift();
    if (seen.has(path)) continue;
    seen.add(path);
    const kind = kindOf(path);
    if ((kinds.get(kind) ?? 0) >= 2) continue;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    pages.push(path);
    await page.goto(url + path);
    await page.waitForSelector("main");
    await settle(page);
    waiting.push(...await page.$$eval('a[href^="/"]', (links) => links.map((link) => link.getAttribute("href"))));
  }
  return pages;
}

/** Buttons that open a window, or a form in its place. */
export const openers = ".page-head__end button, .talk-head__end > button, .rows__acts button, .turn__end > .tool, .actions .tool[aria-expanded], td button[aria-haspopup=dialog]";
