// Thousands of hostile outputs of a model, in a real browser under the server's own content policy: nothing is asked for, nothing
// runs, nothing is complained about, and DOMPurify finds nothing to take away.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { start } from "./page.mjs";
import { hostile } from "./hostile.mjs";

const outputs = 6000;
const atOnce = 500;
const seed = Number(process.env.SEKISHO_SEED ?? 20260711);
const need = createRequire(new URL("../../web/package.json", import.meta.url));
const { JSDOM } = need("jsdom");
const DOMPurify = need("dompurify")(new JSDOM("").window);

let world;
before(async () => { world = await start(); });
after(async () => { await world.close(); });

/** The page's own renderer as a script of the server's origin. */
async function renderer() {
  const built = await need("esbuild").build({
    stdin: {
      contents: `import { render, createElement } from "preact"; import { Markdown } from "./src/markdown/render";
        const actions = { selected: 0, openSource: 1, choose() {}, follow(href) { window.followed.push(href); } };
        const claimed = (text) => [{ start: Math.floor(text.length / 3), end: Math.floor(text.length * 2 / 3), check: "needed", sources: [1, 2], matched: [], missing: [] }];
        window.followed = [];
        window.draw = (texts) => { render(null, document.body); render(createElement("main", null, texts.map((text, at) => createElement(Markdown, { key: at, text, claims: at % 2 ? claimed(text) : [], actions, caret: at % 3 === 0 }))), document.body); };`,
      resolveDir: new URL("../../web", import.meta.url).pathname, loader: "tsx",
    },
    bundle: true, write: false, format: "iife", jsx: "automatic", jsxImportSource: "preact", logLevel: "error",
  });
  return built.outputFiles[0].text;
}

/** In the page: what stands there that is not on the list. */
function strangers() {
  const elements = new Set("MAIN DIV P H3 H4 UL OL LI BLOCKQUOTE HR FIGURE FIGCAPTION PRE CODE TABLE THEAD TBODY TR TH TD SPAN STRONG EM S BUTTON BR RUBY RT RP SVG PATH".split(" "));
  const attributes = new Set("class start scope tabindex role aria-label aria-expanded aria-controls aria-hidden type data-view data-claim data-check data-selected viewBox d".split(" "));
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    if (!elements.has(element.tagName.toUpperCase())) found.push(element.tagName);
    for (const attribute of element.attributes) {
      const ours = attribute.name === "lang" && attribute.value === "ja" && element.matches("main > .prose");
      if (!ours && !attributes.has(attribute.name)) found.push(`${element.tagName} ${attribute.name}`);
    }
  }
  return found;
}

test(`${outputs} hostile outputs (seed ${seed}) ask for nothing, run nothing and leave nothing that DOMPurify takes away`, async () => {
  const script = await renderer();
  const context = await world.browser.newContext({ locale: "ja-JP" });
  const page = await context.newPage();
  const trouble = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) trouble.push(message.text()); });
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("dialog", (dialog) => { trouble.push(`dialog ${dialog.message()}`); void dialog.dismiss(); });
  await page.route("**/assets/hostile.js", (route) => route.fulfill({ body: script, contentType: "text/javascript" }));
  // The page of the server itself with its headers; only its script is another.
  await page.route(`${world.url}/`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: '<!doctype html><html lang="ja"><title>x</title><script src="/assets/hostile.js" defer></script><body></body></html>' });
  });
  const response = await page.goto(`${world.url}/`);
  assert.match(response.headers()["content-security-policy"], /^default-src 'none';.*require-trusted-types-for 'script'; trusted-types 'none'/);
  await page.waitForFunction(() => typeof window.draw === "function");
  page.on("request", (request) => trouble.push(`request ${request.url()}`));
  const next = hostile(seed);
  const kinds = new Map();
  for (let done = 0; done < outputs; done += atOnce) {
    const texts = Array.from({ length: atOnce }, () => { const { kind, text } = next(); kinds.set(kind, (kinds.get(kind) ?? 0) + 1); return text; });
    await page.evaluate((all) => window.draw(all), texts);
    assert.equal(await page.evaluate(() => document.querySelectorAll("main > .prose").length), atOnce);
    assert.deepEqual([...new Set(await page.evaluate(strangers))], []);
    await page.evaluate(() => { for (const button of document.querySelectorAll("button.out")) button.click(); });
    const html = await page.evaluate(() => document.body.innerHTML);
    DOMPurify.sanitize(html);
    assert.deepEqual(DOMPurify.removed.map((one) => one.attribute?.name ?? one.element?.outerHTML?.slice(0, 200)), []);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.deepEqual(trouble, []);
  }
  assert.ok([...kinds.values()].every((count) => count > 50), JSON.stringify([...kinds]));
  const followed = await page.evaluate(() => window.followed);
  assert.ok(followed.length > 100, "some links can be followed");
  assert.deepEqual(followed.filter((href) => !/^https?:\/\//.test(href)), []);
  await context.close();
});
