// The official Node client of OpenAI's API against a running server.
// Environment: SEKISHO_URL, SEKISHO_KEY, SEKISHO_BOUND_KEY (a key bound to a shelf with 一時預かり事業実施要綱.txt).
import assert from "node:assert/strict";
import { test } from "node:test";

import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

const baseURL = `${process.env.SEKISHO_URL}/v1`;
const client = new OpenAI({ baseURL, apiKey: process.env.SEKISHO_KEY, maxRetries: 0, timeout: 300_000 });
const bound = new OpenAI({ baseURL, apiKey: process.env.SEKISHO_BOUND_KEY, maxRetries: 0, timeout: 300_000 });
const model = (await client.models.list()).data[0].id;
const capital = [{ role: "system", content: "短く答えます。" }, { role: "user", content: "日本の首都はどこですか。" }];
const fees = [{ role: "user", content: "一時預かりの利用料は1日いくらですか。" }];
const weather = {
  type: "function",
  function: { name: "get_weather", description: "町の天気を調べる", parameters: { type: "object", properties: { town: { type: "string" } }, required: ["town"], additionalProperties: false } },
};
const chat = (more = {}, by = client) => by.chat.completions.create({ model, messages: capital, temperature: 0, max_tokens: 60, ...more });

test("shows the model", async () => {
  assert.equal((await client.models.retrieve(model)).id, model);
  await assert.rejects(client.models.retrieve("gpt-4o"), OpenAI.NotFoundError);
});

test("answers whole and streams the same words", async () => {
  const whole = await chat();
  assert.ok(whole.choices[0].message.content);
  assert.equal(whole.usage.total_tokens, whole.usage.prompt_tokens + whole.usage.completion_tokens);
  let text = "";
  let last;
  for await (const chunk of await chat({ stream: true, stream_options: { include_usage: true } })) {
    text += chunk.choices[0]?.delta.content ?? "";
    last = chunk;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.equal(last.usage.completion_tokens, whole.usage.completion_tokens);
});

test("the client's own collector understands the stream", async () => {
  const final = await client.chat.completions.stream({ model, messages: capital, temperature: 0, max_tokens: 60 }).finalChatCompletion();
  assert.equal(final.choices[0].message.content, (await chat()).choices[0].message.content);
});

test("stops, cuts and gives two choices", async () => {
  assert.equal((await chat({ max_tokens: 3 })).choices[0].finish_reason, "length");
  const whole = (await chat()).choices[0].message.content;
  const cut = await chat({ stop: whole[2] });
  assert.equal(cut.choices[0].message.content, whole.slice(0, whole.indexOf(whole[2])));
  assert.equal((await chat({ n: 2, max_tokens: 4 })).choices.length, 2);
});

test("parses into a schema", async () => {
  const facility = z.object({ name: z.string(), capacity: z.number().int() });
  const answer = await client.chat.completions.parse({
    model, temperature: 0, max_tokens: 120, response_format: zodResponseFormat(facility, "facility"),
    messages: [{ role: "user", content: "中央公民館の定員は200人です。これを書き出してください。" }],
  });
  assert.equal(answer.choices[0].message.parsed.capacity, 200);
});

test("calls a tool, whole and streamed", async () => {
  const question = [{ role: "user", content: "霧ヶ原町の天気を調べてください。" }];
  const asked = { messages: question, tools: [weather], tool_choice: "required" };
  const answer = await chat(asked);
  assert.equal(answer.choices[0].finish_reason, "tool_calls");
  assert.deepEqual(Object.keys(JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments)), ["town"]);
  const streamed = await client.chat.completions.stream({ model, temperature: 0, max_tokens: 60, ...asked }).finalChatCompletion();
  assert.equal(streamed.choices[0].message.tool_calls[0].function.name, "get_weather");
});

test("errors are the client's own", async () => {
  await assert.rejects(chat({ temperature: 3 }), (error) => error instanceof OpenAI.BadRequestError && error.param === "temperature");
  await assert.rejects(client.chat.completions.create({ model: "gpt-4o", messages: capital }), OpenAI.NotFoundError);
  const stranger = new OpenAI({ baseURL, apiKey: "sk-sekisho-wrong", maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  await assert.rejects(client.embeddings.create({ model, input: "予算" }), OpenAI.BadRequestError);
});

test("completes a text", async () => {
  assert.ok((await client.completions.create({ model, prompt: "昔々、あるところに", max_tokens: 6, temperature: 0 })).choices[0].text);
});

test("a bound key answers with its sources", async () => {
  const whole = await chat({ messages: fees }, bound);
  assert.equal(whole.sekisho.sources[0].document_name, "一時預かり事業実施要綱.txt");
  let cited;
  let text = "";
  for await (const chunk of await chat({ messages: fees, stream: true }, bound)) {
    text += chunk.choices[0]?.delta.content ?? "";
    cited = chunk.sekisho ?? cited;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.ok(cited.claims.length > 0 || cited.not_found);
});
