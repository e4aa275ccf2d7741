// The database goes away, freezes, and comes back: the embedded cluster, and one that belongs to the user.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { value } from "../support/inside.mjs";
import { startServer, until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";
import { Load } from "./load.mjs";

const PATH = "/api/v1/programs?limit=5";
const LIMIT_MS = 3000; // so long a request may wait for a database that is not there
const BACK_MS = 2000; // so soon all is well again
const FROZEN_MS = 5000; // 1.5 s of silence, and as long for the connection that asks

async function ask(server, target) {
  const began = performance.now();
  const answer = await fetch(server.url + target, { signal: AbortSignal.timeout(15000) });
  await answer.arrayBuffer();
  return { status: answer.status, took: performance.now() - began, retry: answer.headers.get("retry-after") };
}

// While the database is away every kind of page says so in time, and the server itself stays up.
async function isAway(server) {
  for (const target of [PATH, "/programs", PATH]) {
    const answer = await ask(server, target);
    equal(answer.status, 503, target);
    truth(answer.took < LIMIT_MS, `${target} took ${answer.took.toFixed(0)} ms`);
    truth(answer.retry, `${target}: no Retry-After`);
  }
  equal((await ask(server, "/healthz")).status, 200, "/healthz");
  await until("/readyz says that the database is away", async () => (await ask(server, "/readyz")).status === 503, LIMIT_MS);
}

async function isBack(server, since) {
  await until("requests are answered again", async () => (await ask(server, PATH)).status === 200, BACK_MS);
  await until("/readyz is well again", async () => (await ask(server, "/readyz")).status === 200, BACK_MS);
  process.stdout.write(`# all well ${(performance.now() - since).toFixed(0)} ms after the database\n`);
}

function check(load) {
  const strange = load.statuses().filter((s) => s !== 200 && s !== 503);
  equal(strange, [], "answers under load");
  equal(load.codes(), [], "requests that broke");
  const slowest = Math.max(...load.answers.map((a) => a.took));
  truth(slowest < LIMIT_MS + 500, `the slowest answer took ${slowest.toFixed(0)} ms`);
}

const postmaster = (dir) => Number(readFileSync(path.join(dir, "postmaster.pid"), "utf8").split("\n")[0]);

// The postmaster and its children.
function family(pid) {
  const stats = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((name) => {
    try { return [Number(name), Number(readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\) /, "").split(" ")[1])]; } catch { return [0, 0]; }
  });
  return [pid, ...stats.filter(([, parent]) => parent === pid).map(([child]) => child)];
}

const signalAll = (pids, signal) => pids.forEach((pid) => { try { process.kill(pid, signal); } catch { /* it is gone */ } });

async function embeddedDies(server) {
  const dir = path.join(server.data, "pg/data"), old = postmaster(dir);
  const load = new Load(server.url, PATH, { clients: 8 });
  try {
    await until("load is running", () => load.answers.length > 100);
    process.kill(old, "SIGQUIT");
    await until("the master starts PostgreSQL again", () => {
      const fresh = postmaster(dir);
      return fresh !== old && spawnSync("test", ["-S", path.join(server.data, "pg/run/.s.PGSQL.5432")]).status === 0;
    }, 10000);
    const since = performance.now();
    await until("requests are answered again", async () => (await ask(server, PATH)).status === 200, 10000);
    await isBack(server, since);
    const size = load.count(200);
    await until("load is served again", () => load.count(200) > size + 100, 10000);
    await load.stop();
    check(load);
  } finally {
    await load.stop();
  }
}

async function embeddedFreezes(server) {
  const pids = family(postmaster(path.join(server.data, "pg/data")));
  signalAll(pids, "SIGSTOP");
  let since;
  try {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(server, PATH)));
    for (const answer of answers) {
      equal(answer.status, 503, "a request to a frozen database");
      truth(answer.took < FROZEN_MS, `it took ${answer.took.toFixed(0)} ms`);
    }
  } finally {
    signalAll(pids, "SIGCONT");
    since = performance.now();
  }
  await isBack(server, since);
}

// One backend of a worker is shot: its request may fail, nothing else.
async function backendDies(server) {
  const killed = await value(server, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name LIKE 'copp%' AND usename = current_user AND pid <> pg_backend_pid()`, "copp_app");
  truth(Number(killed) > 2, `connections of the platform: ${killed}`);
  await isBack(server, performance.now());
}

class Cluster {
  constructor() {
    this.dir = mkdtempSync(path.join(tmpdir(), "copp-pg-"));
    this.bin = execFileSync("sh", ["-c", "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1"], { encoding: "utf8" }).trim();
    this.data = path.join(this.dir, "data");
    mkdirSync(this.data, { mode: 0o700 });
    if (process.getuid() === 0) {
      const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "copp"])));
      for (const dir of [this.dir, this.data]) chownSync(dir, uid, gid);
    }
    chmodSync(this.dir, 0o755);
    this.run("initdb", "-D", this.data, "-U", "copp", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N");
    this.start();
    this.run("createdb", "-h", this.dir, "-U", "copp", "copp");
  }

  get url() { return `postgresql://copp@/copp?host=${encodeURIComponent(this.dir)}`; }

  run(program, ...args) {
    const argv = [path.join(this.bin, program), ...args];
    const [command, ...rest] = process.getuid() === 0 ? ["runuser", "-u", "copp", "--", ...argv] : argv;
    execFileSync(command, rest, { stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
  }

  start() {
    this.run("pg_ctl", "-D", this.data, "-w", "-l", path.join(this.dir, "log"), "-o", `-k ${this.dir} -c listen_addresses= -c fsync=off`, "start");
  }

  stop() { this.run("pg_ctl", "-D", this.data, "-w", "-m", "fast", "stop"); }

  remove() {
    try { this.run("pg_ctl", "-D", this.data, "-w", "-m", "immediate", "stop"); } catch { /* it does not run */ }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function externalStops(server, cluster) {
  const load = new Load(server.url, PATH, { clients: 8 });
  try {
    await until("load is running", () => load.answers.length > 100);
    cluster.stop();
    await until("load gets 503", () => load.count(503) > 20, LIMIT_MS + 1000);
    await isAway(server);
    cluster.start();
    await isBack(server, performance.now());
    const size = load.count(200);
    await until("load is served again", () => load.count(200) > size + 100, 10000);
    await load.stop();
    check(load);
  } finally {
    await load.stop();
  }
}

export async function run(tap) {
  const own = await startServer();
  try {
    await tap.test("killed connections of the database are made anew", () => backendDies(own));
    await tap.test("an embedded PostgreSQL that dies is started again, requests meanwhile get 503 in time", () => embeddedDies(own));
    await tap.test("a frozen database is answered with 503 in time, and all is well when it goes on", () => embeddedFreezes(own));
  } finally {
    const exit = await own.stop();
    tap.ok(exit.code === 0, "after that the server stops cleanly", JSON.stringify(exit));
  }
  const cluster = new Cluster();
  try {
    const server = await startServer({ env: { COPP_DATABASE_URL: cluster.url } });
    try {
      await tap.test("a database of the user's that stops and starts: 503 in time, then all is well within two seconds", () => externalStops(server, cluster));
    } finally {
      const exit = await server.stop();
      tap.ok(exit.code === 0, "after that the server stops cleanly, too", JSON.stringify(exit));
    }
  } finally {
    cluster.remove();
  }
}
