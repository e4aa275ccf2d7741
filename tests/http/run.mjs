// Runs tests/http/*.http. A block begins with "# sentence"; each is one test:
//   as learner                      who speaks: a demo account by the part before @, or guest
//   GET /api/v1/programs/{program}  {name} = saved value; paths below /api/ go with a bearer token, others with a cookie
//   If-Match: "3"                   optional headers, then an optional body: JSON, or "form: a=1&b=2" for pages
//   200 {"code": "x"}               status and, for JSON, what the answer must contain; "*" = any value
//   soon 200 {…}                    the same, asked again until it is so: for what a job does (10 s)
//   save id = items.0.id            keeps a value of the JSON answer · match name = regex keeps a group of the text · keep name = etag keeps a header
//   otp name = key [±n]             the one-time code of a saved key, n half minutes from now
//   part name = saved regex         keeps a group of a saved value
//   cookie name = value             sets a cookie of the client · jar name = cookie keeps the value of one
//   db UPDATE …                     a statement in the database: what only time could do
//   has "text" · soon has "text" (asks again: another worker may not have heard yet) · lacks "text" · header name: value · queries: <= 6 · log: clean
import { readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { Client } from "../support/client.mjs";
import { sql } from "../support/inside.mjs";
import { otp } from "../support/otp.mjs";
import { root, startServer, until } from "../support/server.mjs";
import { Tap } from "../support/tap.mjs";

const METHOD = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\S+)$/;

function parse(text) {
  const blocks = [];
  let block = null;
  text.split("\n").forEach((line, i) => {
    const trimmed = line.trim();
    if (trimmed.startsWith("# ")) {
      if (block && block.lines.length === 0) block.name += " " + trimmed.slice(2);
      else blocks.push((block = { name: trimmed.slice(2), lines: [] }));
    } else if (trimmed && !trimmed.startsWith("##")) {
      if (!block) throw new Error(`line ${i + 1}: a block begins with "# sentence"`);
      block.lines.push({ text: trimmed, at: i + 1 });
    }
  });
  return blocks;
}

// Fails with the path of the first difference; objects may have more, arrays must have the listed beginning.
function contains(actual, expected, at = "answer") {
  if (expected === "*") {
    if (actual === undefined) throw new Error(`${at}: missing`);
    return;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) throw new Error(`${at}: expected a list, got ${JSON.stringify(actual)}`);
    if (expected.length === 0 && actual.length > 0) throw new Error(`${at}: expected an empty list, got ${actual.length}`);
    expected.forEach((e, i) => contains(actual[i], e, `${at}[${i}]`));
  } else if (expected !== null && typeof expected === "object") {
    if (actual === null || typeof actual !== "object") throw new Error(`${at}: expected an object, got ${JSON.stringify(actual)}`);
    for (const key of Object.keys(expected)) contains(actual[key], expected[key], `${at}.${key}`);
  } else if (actual !== expected) {
    throw new Error(`${at}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}

const dig = (value, keys) => keys.split(".").reduce((v, key) => (v == null ? undefined : v[key]), value);

class Run {
  constructor(server, clients, saved) {
    Object.assign(this, { server, clients, saved, answer: null, request: null });
    this.client = this.who("guest");
  }

  who(name) {
    if (name === "guest") return new Client(this.server.url);
    if (!this.clients.has(name)) {
      const login = this.server.logins.get(name.includes("@") ? name : `${name}@demo.copp`) ?? this.saved.logins?.[name];
      if (!login) throw new Error(`no account ${name}`);
      this.clients.set(name, new Client(this.server.url, login));
    }
    return this.clients.get(name);
  }

  fill(text) {
    return text.replace(/\{([a-z_][a-z0-9_]*)\}/g, (whole, key) => (key in this.saved ? this.saved[key] : whole));
  }

  async send() {
    const { method, target, headers, body } = this.request;
    const text = this.fill(body.join("\n"));
    if (target.startsWith("/api/")) this.answer = await this.client.api(method, target, text || undefined, headers);
    else if (text.startsWith("form:")) this.answer = await this.client.page(method, target, text.slice(5).trim(), headers);
    else this.answer = await this.client.page(method, target, undefined, headers);
    this.last = this.request;
    this.request = null;
  }

  // What a job does after the answer: the same question until the answer fits.
  async soon(status, subset) {
    const asked = this.request;
    await until("the answer fits", async () => {
      this.request = asked;
      await this.expect(status, subset);
      return true;
    }, 10000);
  }

  async expect(status, subset) {
    await this.send();
    const { answer } = this;
    if (answer.status !== Number(status)) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text.slice(0, 600)}`);
    if (subset) contains(JSON.parse(answer.text), JSON.parse(this.fill(subset)));
  }

  // The line is written when the answer has been sent, hence perhaps a moment later.
  lineOfRequest() {
    const id = this.answer.headers.get("x-request-id");
    return until("log line of the request", () => this.server.log().find((line) => line.msg === "request" && line.id === id), 3000);
  }

  // The first page after a reload or a change of roles, settings, rules reads them for its worker: a page is asked again, then.
  async countQueries(allowed) {
    let { queries } = await this.lineOfRequest();
    for (let again = 0; again < 2 && queries > allowed && this.last.method === "GET"; again++) {
      this.request = this.last;
      await this.send();
      ({ queries } = await this.lineOfRequest());
    }
    if (!(queries <= allowed)) throw new Error(`${queries} queries, allowed ${allowed}`);
  }

  async step(line) {
    let m;
    if (this.request) {
      if ((m = /^(\d{3})(?:\s+(.*))?$/.exec(line))) return this.expect(m[1], m[2]);
      if ((m = /^soon (\d{3})(?:\s+(.*))?$/.exec(line))) return this.soon(m[1], m[2]);
      if (this.request.body.length === 0 && (m = /^([A-Za-z][A-Za-z-]+): (.*)$/.exec(line)) && m[1] !== "form") {
        this.request.headers[m[1].toLowerCase()] = this.fill(m[2]);
        return;
      }
      this.request.body.push(line);
      return;
    }
    if ((m = /^as (\S+)$/.exec(line))) this.client = this.who(m[1]);
    else if ((m = METHOD.exec(line))) this.request = { method: m[1], target: this.fill(m[2]).replace(this.server.url, ""), headers: {}, body: [] };
    else if ((m = /^save (\w+) = (\S+)$/.exec(line))) {
      const value = dig(JSON.parse(this.answer.text), m[2]);
      if (value === undefined) throw new Error(`nothing at ${m[2]} in ${this.answer.text.slice(0, 400)}`);
      this.saved[m[1]] = value;
    } else if ((m = /^match (\w+) = (.+)$/.exec(line))) {
      const found = new RegExp(m[2]).exec(this.answer.text);
      if (!found) throw new Error(`no match for ${m[2]}`);
      this.saved[m[1]] = found[1];
    } else if ((m = /^keep (\w+) = ([\w-]+)$/.exec(line))) {
      this.saved[m[1]] = this.answer.headers.get(m[2]) ?? "";
    } else if ((m = /^otp (\w+) = (\w+)(?: ([+-]\d+))?$/.exec(line))) this.saved[m[1]] = otp(this.saved[m[2]], Number(m[3] ?? 0));
    else if ((m = /^db (.+)$/.exec(line))) await sql(this.server, this.fill(m[1]));
    else if ((m = /^part (\w+) = (\w+) (.+)$/.exec(line))) {
      const found = new RegExp(m[3]).exec(this.saved[m[2]]);
      if (!found) throw new Error(`no match for ${m[3]} in ${this.saved[m[2]]}`);
      this.saved[m[1]] = found[1];
    } else if ((m = /^cookie ([\w-]+) = (.*)$/.exec(line))) this.client.cookies.set(m[1], this.fill(m[2]));
    else if ((m = /^jar (\w+) = ([\w-]+)$/.exec(line))) {
      if (!this.client.cookies.has(m[2])) throw new Error(`no cookie ${m[2]}`);
      this.saved[m[1]] = this.client.cookies.get(m[2]);
    } else if ((m = /^has "(.*)"$/.exec(line))) {
      if (!this.answer.text.includes(this.fill(m[1]))) throw new Error(`answer lacks ${m[1]}`);
    } else if ((m = /^soon has "(.*)"$/.exec(line))) {
      const wanted = this.fill(m[1]);
      for (const until = Date.now() + 3000; !this.answer.text.includes(wanted) && Date.now() < until; ) {
        this.request = this.last;
        await this.send();
      }
      if (!this.answer.text.includes(wanted)) throw new Error(`answer lacks ${wanted} for three seconds`);
    } else if ((m = /^lacks "(.*)"$/.exec(line))) {
      if (this.answer.text.includes(this.fill(m[1]))) throw new Error(`answer has ${m[1]}`);
    } else if ((m = /^header ([\w-]+): (.*)$/.exec(line))) {
      const value = this.answer.headers.get(m[1]) ?? "";
      if (!value.includes(this.fill(m[2]))) throw new Error(`header ${m[1]}: expected ${m[2]}, got ${value}`);
    } else if ((m = /^queries: <= (\d+)$/.exec(line))) {
      await this.countQueries(Number(m[1]));
    } else if (line === "log: clean") {
      const { id } = await this.lineOfRequest();
      const dirty = this.server.log().filter((l) => l.id === id && (l.level === "warn" || l.level === "error"));
      if (dirty.length > 0) throw new Error(`log: ${JSON.stringify(dirty[0])}`);
    } else throw new Error(`not understood: ${line}`);
  }
}

const asked = process.argv.slice(2);
const dir = path.join(root, "tests/http");
const files = asked.length > 0 ? asked : readdirSync(dir).filter((f) => f.endsWith(".http")).sort().map((f) => path.join(dir, f));
const tap = new Tap();
const server = await startServer();

// Small tables (roles, settings, menus) are read once by each worker: numbers of queries are those of a worker that runs.
async function warm() {
  const client = new Client(server.url, server.logins.get("admin@demo.copp"));
  await client.enter();
  const get = (target) => new Promise((resolve, reject) => {
    http.get(server.url + target, { agent: false, headers: { cookie: client.cookieHeader() } }, (answer) => answer.resume().on("end", resolve)).on("error", reject);
  });
  for (let i = 0; i < 8; i++) await Promise.all([get("/admin/audit"), get("/"), get("/programs")]);
}
await warm();
try {
  for (const file of files) {
    const saved = { today: new Date().toISOString().slice(0, 10), future_day: new Date(Date.now() + 7 * 86400e3).toISOString().slice(0, 10), future_week: new Date(Date.now() + 14 * 86400e3).toISOString().slice(0, 10), stamp: String(Date.now()),
      admin_password: server.logins.get("admin@demo.copp").password };
    const clients = new Map();
    for (const block of parse(readFileSync(file, "utf8"))) {
      await tap.test(`${path.basename(file)}: ${block.name}`, async () => {
        const run = new Run(server, clients, saved);
        for (const line of block.lines) {
          try { await run.step(line.text); } catch (error) { throw new Error(`${file}:${line.at}: ${line.text}\n${error.message}`); }
        }
        if (run.request) throw new Error("a request without an expected status");
      });
    }
  }
  const faults = server.log().filter((line) => line.level === "error");
  tap.ok(faults.length === 0, "the server logged no error in the whole run", faults.slice(0, 5).map((l) => JSON.stringify(l)).join("\n"));
} finally {
  const exit = await server.stop();
  tap.ok(exit.code === 0, "the server stops cleanly", JSON.stringify(exit));
}
tap.end();
