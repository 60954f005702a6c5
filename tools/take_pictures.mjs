// Takes the pictures of README.md from a running server: the answer to the question of the sample office.
//
//   SEKISHO_URL=… SEKISHO_NAME=… SEKISHO_PASSWORD=… node tools/take_pictures.mjs [FOLDER]     (default docs/pictures)
import { mkdirSync } from "node:fs";
import { ask, open, start } from "../tests/web/page.mjs";

const folder = process.argv[2] ?? "docs/pictures";
mkdirSync(folder, { recursive: true });
const world = await start();
for (const [name, size] of [["chat", { width: 1280, height: 800 }], ["chat-phone", { width: 390, height: 800 }]]) {
  const { page, context } = await open(world, size);
  await ask(page, process.env.SEKISHO_QUESTION ?? "一時預かりの利用料はいくらですか。");
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${folder}/${name}.png` });
  if (name === "chat") {
    for (const [path, file] of [["/shelves", "shelves"], ["/admin/health", "health"]]) {
      await page.goto(world.url + path);
      await page.waitForTimeout(1500);
      await page.screenshot({ path: `${folder}/${file}.png` });
    }
  }
  await context.close();
}
await world.close();
