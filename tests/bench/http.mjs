// ./copp bench http: what a request costs, beside nginx+Lua, fastify with postgres.js, and pgbench.
//
// CPU per request is the figure to trust: throughput swings with what else the machine does. Each
// handler is measured A B A B in one run, by wrk with 2 000 requests built beforehand, servers of two
// processes each, bodies compared first.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { fill, freshenSessions, migrateByHand, pgbench, startDatabase } from "./lib/database.mjs";
import { judge, table } from "./lib/gates.mjs";
import { cpuMs, rssKb } from "./lib/proc.mjs";
import { ask, compare, requestsOf } from "./lib/requests.mjs";
import { startFastify, startNginx, startOurs, stopAll } from "./lib/systems.mjs";
import { wrk } from "./lib/wrk.mjs";

const HELP = `copp bench http: CPU per request beside nginx+Lua, fastify+postgres.js and pgbench
  --seconds N   of each measurement (default 6)
  --rounds N    A B pairs (default 2)
  --only LIST   handlers: plaintext,json,row,list,page
  --peers       only the peers, without the platform and without gates
  --json        the gates as JSON: [{"name","value","unit","gate","ok"}]
Exit: 0 all gates hold, 1 one does not or something failed, 2 wrong usage.
`;
const HANDLERS = ["plaintext", "json", "row", "list", "page"];
const PEERS = { plaintext: ["nginx", "fastify"], json: ["nginx", "fastify"], row: ["fastify"], list: ["fastify"], page: ["fastify"] };
const PLAIN_PAGE_BYTES = 14200; // without our own page to copy the size from

function readOptions() {
  const strings = { seconds: { type: "string", default: "6" }, rounds: { type: "string", default: "2" }, only: { type: "string" } };
  const flags = { peers: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean" } };
  try {
    const { values } = parseArgs({ options: { ...strings, ...flags } });
    const handlers = values.only?.split(",") ?? HANDLERS;
    const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
    if (!(seconds >= 1) || !(rounds >= 1) || handlers.some((h) => !HANDLERS.includes(h))) throw new Error("wrong value");
    return { ...values, handlers, seconds, rounds };
  } catch (error) {
    process.stderr.write(`${error.message}\n${HELP}`);
    process.exit(2);
  }
}

class Bench {
  constructor(options) {
    this.options = options;
    this.dir = mkdtempSync(path.join(tmpdir(), "copp-bench-"));
    chmodSync(this.dir, 0o755); // servers that drop root go through it
    this.rounds = new Map();
    this.systems = {};
    this.end = new AbortController(); // stops the load generator
  }

  say(text) { process.stderr.write(`${text}\n`); }

  async open() {
    this.say("PostgreSQL with 100 000 rows …");
    await startDatabase(this.dir, (db) => { this.db = db; });
    if (this.options.peers) migrateByHand(this.db);
    else this.systems.copp = await startOurs(this.dir, this.db);
    fill(this.db);
    this.systems.nginx = await startNginx(this.dir);
    const page = this.systems.copp ? await ask(this.systems.copp, requestsOf("page")[0]) : null;
    if (page && page.status !== 200) throw new Error(`copp: /dev/bench/page answers ${page.status}: ${page.text.slice(0, 300)}`);
    this.systems.fastify = await startFastify(this.dir, this.db, page ? Buffer.byteLength(page.text) : PLAIN_PAGE_BYTES);
  }

  async measure(handler, name, seconds, connections = 64) {
    const system = this.systems[name];
    const before = [cpuMs(system.pid), cpuMs(this.db.pid)];
    const r = await wrk(this.dir, system.port, requestsOf(handler), { seconds, connections, signal: this.end.signal });
    const [server, pg] = [cpuMs(system.pid) - before[0], cpuMs(this.db.pid) - before[1]];
    return { ...r, serverUs: (server * 1000) / r.requests, pgUs: (pg * 1000) / r.requests };
  }

  keep(key, result) { this.rounds.set(key, [...(this.rounds.get(key) ?? []), result]); }

  async runHandler(handler) {
    const names = [...(this.systems.copp ? ["copp"] : []), ...PEERS[handler]];
    for (const other of names.slice(1)) await compare(handler, this.systems[names[0]], this.systems[other]);
    if (handler === "page") freshenSessions(this.db);
    const entries = names.map((name) => [handler, name]);
    if (handler === "plaintext") entries.push(["static200", "nginx"]);
    for (const [h, name] of entries) await this.measure(h, name, 1); // caches, JIT, connections
    for (let round = 1; round <= this.options.rounds; round++) {
      for (const [h, name] of entries) {
        const result = await this.measure(h, name, this.options.seconds);
        this.keep(`${h}/${name}`, result);
        this.say(`${h} ${name} ${round}: ${Math.round(result.perSecond)} req/s, ${result.serverUs.toFixed(1)} + ${result.pgUs.toFixed(1)} µs`);
      }
      if (["row", "list", "page"].includes(handler)) {
        this.keep(`${handler}/pgbench`, { ...pgbench(this.db, this.dir, handler, this.options.seconds), serverUs: 0, bad: 0, broken: 0 });
      }
    }
  }

  async run() {
    for (const handler of this.options.handlers) await this.runHandler(handler);
    const rss = Object.fromEntries(Object.values(this.systems).map((s) => [s.name, rssKb(s.pid)]));
    const isStormy = this.systems.copp && this.options.handlers.includes("page");
    const storm = isStormy ? await this.measure("page", "copp", this.options.seconds, 1024) : null;
    return { rss, gates: judge(this.rounds, rss, storm) };
  }

  async close() {
    this.end.abort();
    await stopAll().catch((error) => this.say(error.message));
    if (this.db) await this.db.stop().catch((error) => this.say(error.message));
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function print({ rss, gates }, bench) {
  const out = (text) => process.stdout.write(`${text}\n`);
  if (bench.options.json) {
    out(JSON.stringify(gates));
    return;
  }
  table(bench.rounds, out);
  out("");
  for (const [name, kb] of Object.entries(rss)) out(`RSS ${name}: ${(kb / 1024).toFixed(0)} MB`);
  out("");
  for (const g of gates) out(`${g.ok ? "ok    " : "FAILED"} ${g.name}: ${g.value} (${g.gate})`);
}

const options = readOptions();
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const bench = new Bench(options);
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {}); // a reader that left: tidy up all the same
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => bench.close().then(() => process.exit(1)));
try {
  await bench.open();
  const result = await bench.run();
  print(result, bench);
  process.exitCode = result.gates.every((g) => g.ok) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await bench.close();
}
