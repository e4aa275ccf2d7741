// Three questions to a running server. Who may enter which route: asked of every route with every role, held against what the route
// declares and against docs/permissions.md (a route that the document does not know fails). Does any writing page take a request
// without the token of our pages? Does anybody reach the objects of others?
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root, startServer } from "../support/server.mjs";
import { Tap, truth } from "../support/tap.mjs";
import { KINDS, foreign, tries } from "./strangers.mjs";
import { document, key } from "./table.mjs";
import { Visitor } from "./visitor.mjs";

const DOCUMENT = path.join(root, "docs/permissions.md");
const NAMES = ["guest", "learner", "teacher", "partner", "customer", "staff", "director", "coordinator", "admin"];
const SETS = ["director", "registrar", "scheduler", "methodist", "account_manager", "event_manager", "curator", "member"];
// Last, since they end what the others need.
const LAST = new Set(["POST /logout", "DELETE /api/v1/auth/token"]);

const isWriting = process.argv.includes("--write");
const tap = new Tap();
const server = await startServer({ env: { COPP_DEV: "1" } });

const visitor = (name) => new Visitor(name, server.url, server.logins.get(`${name}@demo.copp`));
const get = async (who, address) => JSON.parse((await who.client.api("GET", address)).text);

// Roles with their rights, as an administrator reads them before anything is asked.
async function rolesOf(admin) {
  const { items } = await get(admin, "/api/v1/roles");
  const all = await Promise.all(items.map((role) => get(admin, `/api/v1/roles/${role.code}`)));
  return { roles: all.filter((r) => r.kind === "role" && r.is_product), sets: all.filter((r) => SETS.includes(r.code)), all };
}

// May an account enter a route, by what the route declares? null: the service decides.
function declared(route, grant, roles) {
  if (route.access === "public") return "in";
  if (!grant) return "login";
  if (route.access === "user") return null;
  const codes = [grant.role, ...grant.sets];
  const may = route.access.some((permission) => codes.some((code) => {
    const rule = roles.find((role) => role.code === code)?.rules.find((r) => r.permission === permission);
    return rule && (rule.scope !== "none" || rule.is_locked);
  }));
  return may ? null : "no";
}

async function askAll(who, routes) {
  const found = new Map();
  await who.enter();
  for (const route of routes) found.set(key(route), await who.knock(route));
  return found;
}

async function matrix(admin, routes) {
  const { roles, sets, all } = await rolesOf(admin);
  const people = NAMES.map(visitor);
  const grants = await Promise.all(people.map(async (who) => (who.login ? (await get(who, "/api/v1/me")).grant : null)));
  const found = await Promise.all(people.map((who) => askAll(who, routes)));
  const table = new Map(routes.map((route) => [key(route), Object.fromEntries(NAMES.map((name, i) => [name, found[i].get(key(route))]))]));
  await tap.test("every route lets in whom it declares, and nobody else", () => {
    const faults = [];
    for (const route of routes) {
      NAMES.forEach((name, i) => {
        const expected = declared(route, grants[i], all);
        const actual = table.get(key(route))[name];
        if (expected !== null && actual !== expected) faults.push(`${key(route)} as ${name}: declared ${expected}, found ${actual}`);
        if (expected === null && actual === "login") faults.push(`${key(route)} as ${name}: asked to log in`);
      });
    }
    truth(faults.length === 0, faults.join("\n"));
  });
  return document(roles, sets, routes, NAMES, table);
}

function compare(text) {
  const known = new Set(readFileSync(DOCUMENT, "utf8").split("\n"));
  const faults = text.split("\n").filter((line) => line && !known.has(line));
  const now = new Set(text.split("\n"));
  const gone = [...known].filter((line) => line.startsWith("| `") && !now.has(line));
  truth(faults.length + gone.length === 0,
    `docs/permissions.md is not what happens; look at each line, then tests/access/run --write\n${faults.map((l) => `+ ${l}`).join("\n")}\n${gone.map((l) => `- ${l}`).join("\n")}`);
}

async function forged(admin, routes) {
  await admin.again();
  const writing = routes.filter((route) => route.method !== "GET" && !route.path.startsWith("/api/"));
  const faults = [];
  const check = async (what, route, options) => {
    let answer = await admin.ask(route, options);
    if (admin.isLogin(answer)) { await admin.again(); answer = await admin.ask(route, options); }
    if (answer.status !== 403 || !/Страница устарела|другого сайта|Недостаточно прав/.test(answer.text)) faults.push(`${key(route)} ${what}: ${answer.status}`);
  };
  for (const route of writing) {
    await check("without a token", route, { token: false });
    await check("with a token of another session", route, { token: false, more: { "x-csrf-token": "aaaa.bbbb" } });
    await check("from another site", route, { more: { origin: "https://evil.example", "sec-fetch-site": "cross-site" } });
  }
  truth(writing.length > 20, `only ${writing.length} writing pages`);
  truth(faults.length === 0, faults.join("\n"));
}

async function strangers(name) {
  const who = visitor(name);
  await who.enter();
  const objects = await foreign(server, who.login.email);
  const faults = [];
  let asked = 0;
  for (const kind of KINDS[name]) {
    for (const id of objects[kind]) {
      for (const [method, target, body] of tries(kind, id)) {
        const answer = await who.ask({ method, path: target }, { path: target, body: body && JSON.stringify(body) });
        asked++;
        if (answer.status !== 403 && answer.status !== 404) faults.push(`${method} ${target}: ${answer.status}`);
      }
    }
  }
  truth(asked > 3, `only ${asked} questions: the demo has no objects of others`);
  truth(faults.length === 0, faults.join("\n"));
}

try {
  const { routes: all } = await (await fetch(`${server.url}/dev/routes`)).json();
  const sorted = all.filter((route) => !route.path.startsWith("/dev/")).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const routes = [...sorted.filter((r) => !LAST.has(key(r))), ...sorted.filter((r) => LAST.has(key(r)))];
  const openapi = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
  await tap.test("the description of the API has every route of the API", () => {
    const described = new Set(Object.entries(openapi.paths).flatMap(([address, item]) => Object.keys(item).map((m) => `${m.toUpperCase()} ${address}`)));
    const missing = routes.filter((r) => r.path.startsWith("/api/") && !described.has(key(r)));
    truth(missing.length === 0, missing.map(key).join("\n"));
  });
  const admin = visitor("admin");
  for (const name of Object.keys(KINDS)) await tap.test(`${name} reaches nothing that is not his`, () => strangers(name));
  const text = await matrix(admin, routes);
  if (isWriting) writeFileSync(DOCUMENT, text);
  await tap.test("docs/permissions.md tells what happens", () => compare(text));
  await tap.test("no writing page takes a forged request", () => forged(admin, routes));
  const faults = server.log().filter((line) => line.level === "error");
  tap.ok(faults.length === 0, "the server logged no error", faults.slice(0, 5).map((l) => JSON.stringify(l)).join("\n"));
} finally {
  await server.stop();
}
tap.end();
