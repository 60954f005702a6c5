// The pages of administration and audit, on the real server: each role has its own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { open, password, settle, start } from "./page.mjs";

let world;
before(async () => { world = await start(); });
after(async () => { await world.close(); });

async function as(name, work, secret = password) {
  const { context, page, trouble } = await open(world, { signedIn: false });
  await page.fill("input[name=username]", name);
  await page.fill("input[name=password]", secret);
  await page.click("button[type=submit]");
  await page.waitForSelector("header.bar");
  await work(page);
  assert.deepEqual(trouble, []);
  await context.close();
}

test("an auditor sees the record, filters it, verifies it, and nothing else", async () => {
  await as("kansa", async (page) => {
    assert.deepEqual(await page.$$eval(".nav__link", (all) => all.map((link) => link.textContent)), ["監査"]);
    await page.waitForSelector(".table tbody tr");
    await page.fill('.filters input >> nth=2', "account");
    await page.click('.filters >> text=絞り込む');
    await page.waitForFunction(() => [...document.querySelectorAll(".table tbody tr summary")].length > 0 && [...document.querySelectorAll(".table tbody tr summary")].every((one) => one.textContent === "利用者の登録"));
    const [taken] = await Promise.all([page.waitForEvent("download"), page.click("text=CSV（Shift_JIS）")]);
    assert.equal(taken.suggestedFilename(), "sekisho-audit.csv");
    const rows = new TextDecoder("shift_jis").decode(readFileSync(await taken.path())).trim().split("\r\n");
    assert.match(rows[0], /^"番号","時刻"/);
    assert.ok(rows.length > 1 && rows.slice(1).every((row) => row.includes('"account')), rows[1]);
    await page.fill('.filters input >> nth=0', "2026-13-41");
    await page.click('.filters >> text=絞り込む');
    assert.match(await page.textContent(".filters .field__error"), /日付を/);
    await page.click("text=今すぐ検証する");
    await page.waitForSelector('.banner:has-text("欠けと書換えはありません。"):has-text("署名した控え")');
    for (const path of ["/admin/people", "/questions", "/shelves"]) {
      await page.goto(world.url + path);
      await settle(page);
      assert.equal(await page.textContent("h1"), "開けません");
    }
  });
});

test("an operator makes a group and a person, changes what they may do, and stops them", async () => {
  const name = `shin${Date.now() % 1_000_000}`;
  const secret = "hajimete-no-kotoba";
  await as("hasegawa", async (page) => {
    await page.goto(`${world.url}/admin/groups`);
    await page.waitForSelector(".rows__row");
    await page.fill(".one-field input", `総務課${name}`);
    await page.press(".one-field input", "Enter");
    await page.waitForSelector(`.rows__row:has-text("総務課${name}")`);
    await page.goto(`${world.url}/admin/people`);
    await page.click('button:has-text("新しい利用者")');
    await page.fill("dialog input >> nth=0", name);
    await page.fill("dialog input >> nth=1", "新任 花子");
    await page.fill("dialog input[type=password]", secret);
    await page.click('dialog button:has-text("登録する")');
    await page.click(`tr:has-text("${name}") button`);
    await page.click(`dialog .choice:has-text("総務課${name}")`);
    await page.click('dialog button:has-text("保存する")');
    await page.waitForSelector(`tr:has-text("${name}"):has-text("総務課${name}")`);
  });
  await as(name, async (page) => { assert.deepEqual(await page.$$eval(".nav__link", (all) => all.map((link) => link.textContent)), ["質問", "書架"]); }, secret);
  await as("hasegawa", async (page) => {
    await page.goto(`${world.url}/admin/people`);
    await page.click(`tr:has-text("${name}") button`);
    await page.click('dialog button:has-text("利用を止める")');
    await page.waitForSelector(`tr:has-text("${name}"):has-text("停止中")`);
    await page.click('tr:has-text("hasegawa") button');
    await page.click('dialog button:has-text("利用を止める")');
    assert.match(await page.textContent("dialog .field__error"), /ほかの運用担当者/);
  });
  const { context, page } = await open(world, { signedIn: false });
  await page.fill("input[name=username]", name);
  await page.fill("input[name=password]", secret);
  await page.click("button[type=submit]");
  await page.waitForSelector('main :text("利用者名又はパスワードが違います")');
  await context.close();
});

test("an operator sees the queue, the speed, the room on the disk and what people think", async () => {
  await as("hasegawa", async (page) => {
    await page.goto(`${world.url}/admin/load`);
    await page.waitForSelector(".figure__value");
    assert.equal((await page.$$(".plot")).length, 3);
    assert.match(await page.getAttribute(".plot", "aria-label"), /24時間の推移。最大は/);
    await page.waitForSelector(".facts dd");
    assert.match(await page.textContent(".facts"), /監査記録/);
  });
});

test("a key is shown once, works for its owner, and is revoked", async () => {
  await as("hasegawa", async (page) => {
    await page.goto(`${world.url}/settings`);
    await page.fill("#keys .one-field input", "集計の道具");
    await page.press("#keys .one-field input", "Enter");
    const secret = (await page.textContent(".key__secret")).trim();
    assert.match(secret, /^sk-sekisho-/);
    const call = () => fetch(`${world.url}/api/v1/shelves`, { headers: { Authorization: `Bearer ${secret}` } }).then((response) => response.status);
    assert.equal(await call(), 200);
    await page.reload();
    await page.waitForSelector("#keys .key-list li");
    assert.equal(await page.$(".key__secret"), null);
    await page.click('#keys .key-list li:has-text("集計の道具") button');
    await page.waitForFunction(() => !document.querySelector("#keys .key-list")?.textContent.includes("集計の道具"));
    assert.equal(await call(), 401);
  });
});

test("an operator makes a link, by which the person sets a password that nobody else knows", async () => {
  let address = "";
  await as("hasegawa", async (page) => {
    await page.goto(`${world.url}/admin/people`);
    await page.click('tr:has-text("kudo") button');
    await page.click('dialog button:has-text("パスワードを決めるリンクを作る")');
    address = (await page.textContent("dialog .key__secret")).trim();
    assert.ok(address.startsWith(`${world.url}/setup?token=`), address);
  });
  const { context, page, trouble } = await open(world, { signedIn: false });
  await page.goto(address);
  await page.waitForSelector('h2:has-text("パスワードの設定")');
  assert.equal(await page.$("input[name=username]"), null, "no other name is taken by such a link");
  assert.match(await page.textContent("main"), /kudo/);
  await page.fill("input[name=password]", "jibun-dake-no-kotoba");
  await page.fill("input[name=again]", "jibun-dake-no-kotoba");
  await page.click("button[type=submit]");
  await page.waitForSelector("header.bar");
  assert.deepEqual(trouble, []);
  await context.close();
  await as("kudo", async (page) => { await page.goto(address); await page.waitForSelector('.banner:has-text("このリンクは使えません。")'); }, "jibun-dake-no-kotoba");
});

test("an operator sees each model, verifies the one in use, and is told that the command line names it", async () => {
  await as("hasegawa", async (page) => {
    await page.goto(`${world.url}/admin/models`);
    const used = page.locator('.table--models tbody tr:has-text("使用中")');
    await used.first().waitFor();
    assert.match(await used.first().textContent(), /起動の指定で決まっている/);
    assert.equal(await used.first().locator('button:has-text("次の起動から使う")').count(), 0);
    assert.ok(await page.locator('tr:has-text("まだありません") button:has-text("取り寄せる")').count() > 0);
    await used.first().locator('button:has-text("ハッシュ値を確かめる")').click();
    await page.waitForSelector('.banner:has-text("のハッシュ値は、登録と一致しています。")');
    await page.reload();
    await page.waitForSelector('.banner:has-text("のハッシュ値は、登録と一致しています。")');
  });
});
