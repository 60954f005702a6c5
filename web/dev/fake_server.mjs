// A stand-in for the server while the page is developed and tested: the same routes, headers and events, with scripted data.
// SEKISHO_FAKE_PORT (8091; 0 picks one), SEKISHO_FAKE_STEP_MS (pause between events, 25).
import { randomUUID } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import * as town from "./town.mjs";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const statusOf = { invalid: 400, unauthorized: 401, denied: 404, conflict: 409, too_large: 413, unsupported: 415, rate_limited: 429, busy: 503, unavailable: 503 };

class Refusal extends Error {
  constructor(code, detail) { super(detail); this.code = code; }
}

export function startFake({ port = 0, stepMs = 25 } = {}) {
  const now = Date.now();
  const state = {
    people: town.people(), shelves: town.shelves(), documents: town.documents(now), conversations: town.conversations(now), folders: [],
    sessions: new Map(), turns: new Map(), setupToken: "first-use-token", passwords: new Map(), stepMs,
  };
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error) => {
      const code = error instanceof Refusal ? error.code : "internal";
      if (!response.headersSent) send(response, statusOf[code] ?? 500, { error: { code, detail: error.message, trace_id: randomUUID().slice(0, 8) } });
      else response.destroy();
    });
  });
  const ticker = setInterval(() => readOn(state), 400);
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve({
    url: `http://127.0.0.1:${server.address().port}`, state,
    close: () => { clearInterval(ticker); server.closeAllConnections(); server.close(); },
  })));
}

function send(response, status, value, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", ...headers });
  response.end(value === undefined ? "" : JSON.stringify(value));
}

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function jsonOf(request) {
  try { return JSON.parse((await bodyOf(request)).toString("utf8")); } catch { throw new Refusal("invalid", "the body is not JSON"); }
}

async function handle(state, request, response) {
  const url = new URL(request.url, "http://localhost");
  const parts = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (parts[0] !== "api") return serveFile(url.pathname, response);
  const [, , resource, id, sub] = parts;
  const method = request.method;
  if (resource === "session" && method === "POST") return signIn(state, await jsonOf(request), response);
  if (resource === "setup") return setUp(state, method, url, request, response);
  const session = state.sessions.get(/sekisho=([^;]+)/.exec(request.headers.cookie ?? "")?.[1]);
  if (!session) throw new Refusal("unauthorized", "no session");
  if (method !== "GET" && request.headers["x-sekisho-csrf"] !== session.csrf) throw new Refusal("denied", "CSRF value is missing or wrong");
  const context = { state, session, user: session.user, method, url, request, response, id, sub };
  const routes = { session: sessionRoute, groups: groupsRoute, shelves: shelvesRoute, documents: documentsRoute, search: searchRoute, conversations: conversationsRoute, folders: foldersRoute, turns: turnsRoute, models: modelsRoute, admin: adminRoute, audit: auditRoute };
  const route = routes[resource];
  if (!route) throw new Refusal("denied", "no such route");
  await route(context);
}

function serveFile(path, response) {
  const wanted = normalize(path).replace(/^(\.\.[/\\])+/, "");
  let file = join(dist, wanted);
  let status = 200;
  try { if (!statSync(file).isFile()) throw new Error("a folder"); } catch {
    if (extname(wanted) !== "") status = 404;
    file = join(dist, "index.html");
  }
  response.writeHead(status, {
    "Content-Type": types[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": csp, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cache-Control": wanted.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  });
  response.end(readFileSync(file));
}

// ---- people

function sessionView({ user, csrf }) {
  const { id, name, display_name, roles, clearance } = user;
  return {
    user: { id, name, display_name, roles, clearance }, office: { name: "霧ヶ原町", example: "一時預かりの利用料と、申込みの期限を教えてください。" }, csrf, levels: town.levels,
    model: { name: town.models[0].name, title: town.models[0].title }, limits: { question_characters: 8000, document_bytes: 200_000_000 },
  };
}

function open(state, user, response) {
  const key = randomUUID();
  const session = { user, csrf: randomUUID() };
  state.sessions.set(key, session);
  send(response, 200, sessionView(session), { "Set-Cookie": `sekisho=${key}; HttpOnly; SameSite=Strict; Path=/` });
}

function signIn(state, { name, password }, response) {
  const user = state.people.find((one) => one.name === name);
  if (!user || password !== (state.passwords.get(name) ?? town.password)) throw new Refusal("unauthorized", "wrong name or password");
  open(state, user, response);
}

async function setUp(state, method, url, request, response) {
  if (method === "GET") return send(response, 200, { valid: url.searchParams.get("token") === state.setupToken, first: true });
  const values = await jsonOf(request);
  if (values.token !== state.setupToken || !state.setupToken) throw new Refusal("denied", "the link is used up");
  state.setupToken = null;
  open(state, addPerson(state, { ...values, roles: ["official", "author", "operator"], clearance: 3, groups: ["全職員", "総務課"] }), response);
}

function addPerson(state, { name, display_name, roles, clearance, groups, password }) {
  if (state.people.some((one) => one.name === name)) throw new Refusal("conflict", "the name is taken");
  const person = { id: `u${state.people.length + 1}`, name, display_name, roles, clearance, groups };
  state.people.push(person);
  state.passwords.set(name, password);
  return person;
}

function sessionRoute({ state, session, method, response }) {
  if (method === "GET") return send(response, 200, sessionView(session));
  for (const [key, value] of state.sessions) if (value === session) state.sessions.delete(key);
  send(response, 204, undefined, { "Set-Cookie": "sekisho=; Max-Age=0; Path=/" });
}

function groupsRoute({ response }) { send(response, 200, { items: town.groups.map((name) => ({ name })) }); }

function modelsRoute({ response }) { send(response, 200, { items: town.models }); }

function auditRoute({ id, response }) {
  if (id !== "openings") throw new Refusal("denied", "no such route");
  send(response, 200, { items: [], now_ms: 0 });
}

async function adminRoute({ state, user, method, id, request, response }) {
  if (!user.roles.includes("operator")) throw new Refusal("denied", "not for this role");
  if (id === "health") return send(response, 200, town.health);
  if (id === "models") return send(response, 200, { items: town.models, chosen: { answering: "", embedding: "" }, named: { answering: false, embedding: false }, job: null });
  if (id !== "users") throw new Refusal("denied", "no such route");
  if (method === "GET") return send(response, 200, { items: state.people });
  send(response, 201, addPerson(state, await jsonOf(request)));
}

// ---- shelves and documents

function mayRead(user, shelf) {
  return shelf !== undefined && shelf.level <= user.clearance && shelf.readers.every((list) => list.some((group) => user.groups.includes(group)));
}
function shelfOf({ state, user }, id) {
  const shelf = state.shelves.find((one) => one.id === id);
  if (!mayRead(user, shelf)) throw new Refusal("denied", "no such shelf");
  return shelf;
}
function shelfView(state, shelf) {
  const own = state.documents.filter((document) => document.shelf_id === shelf.id);
  return {
    ...shelf, documents: own.length, passages: own.reduce((sum, document) => sum + document.text.length, 0),
    reading: own.filter((document) => ["arriving", "waiting", "reading"].includes(document.state)).length, failed: own.filter((document) => document.state === "failed").length,
  };
}
function documentView({ text, ...rest }) { return { ...rest, passages: text.length }; }
function passageView(document, index) {
  const [page, path, text] = document.text[index];
  return { id: `${document.id}-${index + 1}`, number: index + 1, page_first: page, page_last: page, path, text };
}
function pageOf(items, url, most = 100) {
  const limit = Math.min(Number(url.searchParams.get("limit") ?? most), most);
  const from = Number(url.searchParams.get("after") ?? 0);
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
}

async function shelvesRoute(context) {
  const { state, user, method, url, request, response, id, sub } = context;
  if (!id && method === "GET") return send(response, 200, { items: state.shelves.filter((shelf) => mayRead(user, shelf)).map((shelf) => shelfView(state, shelf)) });
  if (!id) {
    const { name, level, readers } = await jsonOf(request);
    if (state.shelves.some((shelf) => shelf.name === name)) throw new Refusal("conflict", "the name is taken");
    const shelf = { id: `s${randomUUID().slice(0, 6)}`, name, level, readers: [readers] };
    state.shelves.push(shelf);
    return send(response, 201, shelfView(state, shelf));
  }
  const shelf = shelfOf(context, id);
  if (sub === "documents" && method === "GET") return send(response, 200, pageOf(state.documents.filter((one) => one.shelf_id === id).sort((a, b) => b.created_ms - a.created_ms).map(documentView), url));
  if (sub === "documents") return send(response, 202, documentView(await addDocument(state, user, shelf, url.searchParams.get("name") ?? "", request)));
  if (method === "DELETE") {
    state.shelves = state.shelves.filter((one) => one !== shelf);
    return send(response, 204);
  }
  send(response, 200, shelfView(state, shelf));
}

async function addDocument(state, user, shelf, name, request) {
  const bytes = await bodyOf(request);
  const document = {
    id: `d${randomUUID().slice(0, 6)}`, shelf_id: shelf.id, name, kind: extname(name).slice(1), size_bytes: bytes.length, state: "waiting", pages: 0, pages_read: 0,
    notes: [], error: null, created_ms: Date.now(), added_by: user.display_name, text: [], arrived: true,
  };
  state.documents.push(document);
  return document;
}

/** Documents that are being read go on by a page or two. */
function readOn(state) {
  for (const document of state.documents) {
    if (!document.arrived) continue;
    if (document.state === "waiting") {
      if (/\.(jtd|xdw)$/.test(document.name)) Object.assign(document, { state: "failed", error: { code: "unsupported", detail: document.name.endsWith("jtd") ? "ichitaro" : "docuworks" } });
      else Object.assign(document, { state: "reading", pages: 4 });
    } else if (document.state === "reading" && ++document.pages_read >= document.pages) {
      Object.assign(document, { state: "ready", text: [[1, "", `${document.name}の本文です。`]] });
    }
  }
}

/** A page with a marked passage, as far as the page can tell. */
function sendPicture(response) {
  response.writeHead(200, { "Content-Type": "image/svg+xml", "Cache-Control": "no-store" });
  response.end('<svg xmlns="http://www.w3.org/2000/svg" width="919" height="1300"><rect width="919" height="1300" fill="#fff"/><rect x="110" y="300" width="640" height="60" fill="#ff6"/></svg>');
}

async function documentsRoute(context) {
  const { state, method, url, response, id, sub } = context;
  const document = state.documents.find((one) => one.id === id);
  if (!document) throw new Refusal("denied", "no such document");
  shelfOf(context, document.shelf_id);
  if (method === "DELETE") {
    state.documents = state.documents.filter((one) => one !== document);
    return send(response, 204);
  }
  if (sub === "retry") {
    Object.assign(document, { state: "waiting", error: null, pages_read: 0, arrived: true });
    return send(response, 202, documentView(document));
  }
  if (sub === "versions") return send(response, 200, { items: [documentView(document)] });
  if (sub === "restore") return send(response, 200, documentView(document));
  if (sub === "passages") return send(response, 200, pageOf(document.text.map((_, index) => passageView(document, index)), url, 500));
  if (sub === "pages") return sendPicture(response);
  if (sub !== "events") return send(response, 200, documentView(document));
  startStream(response);
  for (let number = 1; !response.destroyed; number++) {
    write(response, number, "document", documentView(document));
    if (document.state === "ready" || document.state === "failed") return response.end();
    await pause(400);
  }
}

function sourceView(state, [documentId, index], number) {
  const document = state.documents.find((one) => one.id === documentId);
  const shelf = state.shelves.find((one) => one.id === document.shelf_id);
  const passage = passageView(document, index);
  return { number, passage_id: passage.id, document_id: document.id, document_name: document.name, shelf_id: shelf.id, shelf_name: shelf.name, page: passage.page_first, path: passage.path, text: passage.text, level: shelf.level };
}

async function searchRoute({ state, user, request, response }) {
  const { query, limit } = await jsonOf(request);
  const words = [...query].flatMap((_, at) => (at + 2 <= query.length ? [query.slice(at, at + 2)] : []));
  const hits = state.documents.filter((document) => mayRead(user, state.shelves.find((shelf) => shelf.id === document.shelf_id)))
    .flatMap((document) => document.text.map(([, , text], index) => ({ document, index, score: words.filter((word) => text.includes(word)).length })))
    .filter((hit) => hit.score > 0).sort((a, b) => b.score - a.score).slice(0, limit);
  send(response, 200, { items: hits.map((hit) => ({ ...sourceView(state, [hit.document.id, hit.index], 0), score: hit.score })) });
}

// ---- conversations and turns

function rowView({ id, title, level, updated_ms, turns, created_ms = 0, pinned = false, archived = false, folder_id = null, deleted_ms = null }) {
  return { id, title, level, created_ms, updated_ms, running_turn_id: turns.find((turn) => turn.state === "running")?.id ?? null, pinned, archived, folder_id, deleted_ms, attachments: null };
}
function foldersOf(state, own) {
  return state.folders.map((folder) => ({ ...folder, conversations: own.filter((one) => one.folder_id === folder.id && !one.archived && !one.deleted_ms).length }));
}

async function conversationsRoute({ state, user, method, url, request, response, id, sub }) {
  const own = state.conversations.filter((one) => one.user === user.id).sort((a, b) => Number(b.pinned ?? false) - Number(a.pinned ?? false) || b.updated_ms - a.updated_ms);
  if (!id) {
    const view = url.searchParams.get("view") ?? "open";
    const folder = url.searchParams.get("folder");
    const rows = own.map(rowView).filter((row) => (row.deleted_ms !== null ? "deleted" : row.archived ? "archived" : "open") === view && (folder === null || row.folder_id === folder));
    return send(response, 200, { ...pageOf(rows, url, 100), ...(url.searchParams.has("after") ? {} : { folders: foldersOf(state, own) }) });
  }
  if (id === "search") return searchConversations(own, await jsonOf(request), response);
  const conversation = own.find((one) => one.id === id);
  if (!conversation || (conversation.deleted_ms && sub !== "restore" && !url.searchParams.has("forever"))) throw new Refusal("denied", "no such conversation");
  if (sub === "restore") conversation.deleted_ms = null;
  else if (method === "PATCH") Object.assign(conversation, await jsonOf(request));
  else if (method === "DELETE") {
    if (url.searchParams.has("forever")) state.conversations = state.conversations.filter((one) => one !== conversation);
    else conversation.deleted_ms = Date.now();
    return send(response, 204);
  }
  if (sub === "restore" || method === "PATCH") return send(response, 200, rowView(conversation));
  const { turns } = conversation;
  if (sub === "turns") {
    const from = Number(url.searchParams.get("after") ?? 0);
    const to = from + Number(url.searchParams.get("limit") ?? 40);
    return send(response, 200, { items: turns.slice(from, to), next: to < turns.length ? String(to) : null });
  }
  const after = Math.max(0, turns.length - 40);
  const places = turns.map((turn) => [turn.id, turn.parent_id === null ? null : turns.findIndex((one) => one.id === turn.parent_id)]);
  send(response, 200, { ...rowView(conversation), places, after, turns: turns.slice(after) });
}

/** The words as they are written; the real server knows variants. */
function searchConversations(own, { query }, response) {
  const hitsOf = (turn) => ["question", "answer"].filter((where) => turn[where].includes(query)).slice(0, 1).map((where) => {
    const at = turn[where].indexOf(query);
    return { turn_id: turn.id, where, snippet: [{ text: turn[where].slice(Math.max(0, at - 30), at), hit: false }, { text: query, hit: true }, { text: turn[where].slice(at + query.length, at + 60), hit: false }] };
  });
  const items = own.filter((one) => !one.deleted_ms).map((one) => ({ conversation: rowView(one), hits: [
    ...(one.title.includes(query) ? [{ turn_id: null, where: "title", snippet: [{ text: one.title, hit: true }] }] : []), ...one.turns.flatMap(hitsOf)].slice(0, 3) })).filter((one) => one.hits.length > 0);
  send(response, 200, { items, next: null });
}

async function foldersRoute({ state, user, method, request, response, id }) {
  const own = state.conversations.filter((one) => one.user === user.id);
  if (method === "DELETE") {
    state.folders = state.folders.filter((folder) => folder.id !== id);
    for (const one of own) if (one.folder_id === id) one.folder_id = null;
    return send(response, 204);
  }
  const { name } = await jsonOf(request);
  if (state.folders.some((folder) => folder.name === name && folder.id !== id)) throw new Refusal("conflict", "the name is taken");
  if (!id) state.folders.push({ id: `f${randomUUID().slice(0, 6)}`, name });
  else state.folders.find((folder) => folder.id === id).name = name;
  send(response, id ? 200 : 201, foldersOf(state, own).find((folder) => folder.name === name));
}

function startStream(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
  response.flushHeaders();
}
function write(response, id, event, data) { response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`); }
function pause(ms) { return new Promise((resolve) => setTimeout(resolve, ms)); }

async function turnsRoute(context) {
  const { state, user, method, url, request, response, id, sub } = context;
  if (id) {
    const run = state.turns.get(id);
    if (!run || run.user !== user.id) throw new Refusal("denied", "no such turn");
    if (sub === "rating") {
      run.turn.rating = method === "PUT" ? { reasons: [], note: "", ...await jsonOf(request) } : null;
      return send(response, 204);
    }
    if (sub === "stop") { run.stopped = true; return send(response, 202, {}); }
    startStream(response);
    return follow(run, Number(url.searchParams.get("after") ?? 0), response);
  }
  if (method !== "POST") throw new Refusal("denied", "no such route");
  const asked = await jsonOf(request);
  if ([...asked.question].length > 8000) throw new Refusal("too_large", "8000 characters");
  for (const shelf of asked.shelves ?? []) shelfOf(context, shelf);
  const script = town.scriptFor(asked.question, asked.mode);
  if (script.kind === "refused") throw new Refusal("busy", "the queue is full");
  const run = begin(state, user, asked);
  void play(state, run, script, asked);
  startStream(response);
  follow(run, 0, response);
  if (script.kind === "drops") setTimeout(() => response.destroy(), state.stepMs * 12 + 50);
}

function begin(state, user, asked) {
  let conversation = state.conversations.find((one) => one.id === asked.conversation_id && one.user === user.id);
  if (!conversation) {
    conversation = { id: `c${randomUUID().slice(0, 8)}`, user: user.id, title: [...asked.question.split("\n")[0]].slice(0, 24).join(""), level: 1, updated_ms: Date.now(), turns: [] };
    state.conversations.push(conversation);
  }
  const before = conversation.turns.find((turn) => turn.id === (asked.regenerate_of ?? asked.edit_of ?? asked.continue_of));
  const turn = {
    id: `t${randomUUID().slice(0, 8)}`, parent_id: before ? before.parent_id : (asked.follows ?? conversation.turns.at(-1)?.id ?? null), question: asked.question, mode: asked.mode, shelves: asked.shelves ?? [],
    answer: "", state: "running", claims: [], sources: [], not_found: null, model: town.models[0].name, created_ms: Date.now(), level: 1, error: null,
    because_source: null, notices: [], rating: null, reason: "",
  };
  conversation.turns.push(turn);
  conversation.updated_ms = Date.now();
  const run = { user: user.id, conversation, turn, events: [], listeners: new Set(), ended: false, stopped: false };
  state.turns.set(turn.id, run);
  return run;
}

function follow(run, after, response) {
  for (const event of run.events.slice(after)) write(response, event.id, event.name, event.data);
  if (run.ended) return response.end();
  run.listeners.add(response);
  response.on("close", () => run.listeners.delete(response));
}

function emit(run, name, data) {
  const event = { id: run.events.length + 1, name, data };
  run.events.push(event);
  for (const response of run.listeners) write(response, event.id, name, data);
}

function end(run, name, data) {
  emit(run, name, data);
  run.ended = true;
  run.conversation.updated_ms = Date.now();
  for (const response of run.listeners) response.end();
}

async function play(state, run, script, asked) {
  const { turn, conversation } = run;
  const start = Date.now();
  emit(run, "started", { turn_id: turn.id, conversation_id: conversation.id, title: conversation.title, model: turn.model });
  if (script.kind === "queued") for (let ahead = 3; ahead >= 0; ahead--) { emit(run, "queued", { ahead, seconds: ahead * 6 }); await pause(state.stepMs * 4); }
  await pause(state.stepMs);
  if (script.kind === "not_found") return playNotFound(state, run, asked);
  if (script.kind !== "free") {
    turn.sources = town.feeSources.map((source, index) => sourceView(state, source, index + 1)).filter((source) => turn.shelves.includes(source.shelf_id));
    emit(run, "sources", { items: turn.sources });
    for (let percent = 0; percent <= 100 && !run.stopped; percent += 20) { emit(run, "reading", { percent, done_tokens: percent * 12, total_tokens: 1200, source: 1 }); await pause(state.stepMs); }
    turn.level = turn.sources.reduce((top, source) => Math.max(top, source.level), 1);
  }
  const why = turn.sources.find((source) => source.level === turn.level && turn.level > 1)?.number ?? null;
  emit(run, "label", { level: turn.level, name: `機密性${turn.level}`, because_source: why });
  turn.because_source = why;
  const first = Date.now();
  for (const [index, [text, check, sources, matched, missing]] of script.parts.entries()) {
    for (const piece of text.match(/[\s\S]{1,6}/gu) ?? []) {
      if (run.stopped) break;
      turn.answer += piece;
      emit(run, "text", { text: piece });
      await pause(state.stepMs);
    }
    if (run.stopped) break;
    if (script.kind === "fails" && index === 3) {
      conversation.level = Math.max(conversation.level, turn.level);
      Object.assign(turn, { state: "failed", error: { code: "unavailable", detail: "the worker ended" } });
      return end(run, "failed", turn.error);
    }
    if (!check) continue;
    const known = sources.filter((number) => turn.sources.some((source) => source.number === number));
    const claim = { start: turn.answer.length - text.length, end: turn.answer.length, check: known.length > 0 ? check : "none", sources: known, matched, missing };
    turn.claims.push(claim);
    emit(run, "claim", claim);
  }
  finish(run, run.stopped ? "stopped" : "stop", first - start, Date.now() - start);
}

async function playNotFound(state, run, asked) {
  const { turn, conversation } = run;
  const readable = town.nearSources.filter(([document]) => asked.shelves.includes(state.documents.find((one) => one.id === document).shelf_id));
  turn.sources = readable.map((source, index) => sourceView(state, source, index + 1));
  emit(run, "sources", { items: turn.sources });
  turn.level = turn.sources.reduce((top, source) => Math.max(top, source.level), 1);
  emit(run, "label", { level: turn.level, name: `機密性${turn.level}`, because_source: null });
  turn.not_found = { documents: state.documents.filter((document) => asked.shelves.includes(document.shelf_id)).length, shelves: [], nearest: turn.sources.map((source) => source.number) };
  emit(run, "not_found", turn.not_found);
  turn.answer = "資料には見当たりません。";
  emit(run, "text", { text: turn.answer });
  conversation.level = Math.max(conversation.level, turn.level);
  await pause(state.stepMs);
  finish(run, "not_found", 10, 20);
}

function finish(run, reason, firstTokenMs, totalMs) {
  const { turn, conversation } = run;
  turn.state = reason === "stopped" ? "stopped" : "done";
  turn.reason = reason;
  conversation.level = Math.max(conversation.level, turn.level);
  const count = (check) => turn.claims.filter((claim) => claim.check === check).length;
  end(run, "done", {
    reason, model: turn.model, created_ms: turn.created_ms, level: turn.level, level_name: `機密性${turn.level}`, characters: [...turn.answer].length,
    supported: count("ok"), needs_check: count("needed"), first_token_ms: firstTokenMs, total_ms: totalMs,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fake = await startFake({ port: Number(process.env.SEKISHO_FAKE_PORT ?? 8091), stepMs: Number(process.env.SEKISHO_FAKE_STEP_MS ?? 25) });
  console.log(`fake server: ${fake.url} (saeki, hayakawa, kansa, shinnin; password ${town.password}; ${fake.url}/setup?token=${fake.state.setupToken})`);
}
