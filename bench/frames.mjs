// Frame times of the page while an answer streams: how long each frame of the browser took, and how many were late.
//
//   [SEKISHO_URL=… SEKISHO_NAME=… SEKISHO_PASSWORD=…] node bench/frames.mjs [TOKENS_PER_SECOND=100] [SECONDS=15]
//
// Everything is the page's own from the bytes of the stream on; the bytes are made in the page, so that their pace is known.
import { open, start } from "../tests/web/page.mjs";

const pace = Number(process.argv[2] ?? 100);
const seconds = Number(process.argv[3] ?? 15);
const world = await start();
const { page } = await open(world, { kept: { welcomed: "yes" } });
await page.evaluate(({ pace, seconds }) => {
  const sentence = "利用料は、**1日につき2,400円**です。申込みは、利用しようとする日の7日前までに、窓口へ提出してください。\n\n";
  const own = window.fetch;
  const stream = () => new ReadableStream({
    start(controller) {
      const encoder = new TextEncoder();
      let number = 0;
      let tokens = 0;
      const send = (event, data) => controller.enqueue(encoder.encode(`id: ${++number}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
      send("started", { turn_id: "frames", conversation_id: "frames", title: "速さ", model: "x" });
      const begin = performance.now();
      const timer = setInterval(() => {
        const wanted = Math.min(pace * seconds, ((performance.now() - begin) / 1000) * pace);
        for (; tokens < wanted; tokens++) send("text", { at: tokens * 2, text: (sentence + sentence).substr((tokens * 2) % sentence.length, 2) });
        if (tokens < pace * seconds) return;
        clearInterval(timer);
        send("done", { reason: "stop", model: "x", created_ms: Date.now(), level: 1, level_name: "", characters: tokens * 2, supported: 0, needs_check: 0, first_token_ms: 1, total_ms: 1 });
        controller.close();
      }, 5);
    },
  });
  window.fetch = (input, init) => (String(input).endsWith("/turns") ? Promise.resolve(new Response(stream(), { headers: { "Content-Type": "text/event-stream" } })) : own(input, init));
}, { pace, seconds });
await page.fill(".composer textarea", "速さ");
const frames = await page.evaluate(async () => {
  const times = [];
  let last = performance.now();
  let running = true;
  const tick = (now) => { times.push(now - last); last = now; if (running) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  document.querySelector("form.composer").requestSubmit();
  await new Promise((resolve) => { const look = () => (document.querySelector(".turn--answer .colophon") ? resolve() : setTimeout(look, 100)); look(); });
  running = false;
  return times.slice(5);
});
frames.sort((a, b) => a - b);
const part = (share) => Number(frames[Math.min(frames.length - 1, Math.floor(frames.length * share))].toFixed(1));
const late = frames.filter((ms) => ms > 34).length;
console.log(JSON.stringify({ tokens_per_second: pace, seconds, frames: frames.length, median_ms: part(0.5), p95_ms: part(0.95), p99_ms: part(0.99), worst_ms: part(1), over_two_frames: late }));
await world.close();
