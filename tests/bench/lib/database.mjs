// A throw-away PostgreSQL for the bench, with its data; and pgbench on the same queries.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";

import { root, until } from "../../support/server.mjs";
import { cpuMs } from "./proc.mjs";

const here = path.join(root, "tests/bench/sql");
export const sql = (name) => readFileSync(path.join(here, `${name}.sql`), "utf8").trim();

// The product's own query for a session, for pgbench: it must not drift from it. (Peers, which keep no facts of users, ask
// sql/session.sql: session, account, person and grants in one statement.)
function sessionSql() {
  const source = readFileSync(path.join(root, "lua/kit/store.lua"), "utf8");
  const session = /local SESSION = \[\[([\s\S]*?)\]\]/.exec(source);
  if (!session) throw new Error("lua/kit/store.lua has no SESSION query that the bench can read");
  return session[1].trim();
}

function binDir() {
  const versions = readdirSync("/usr/lib/postgresql").map(Number).filter((v) => v >= 15).sort((a, b) => b - a);
  if (versions.length === 0) throw new Error("PostgreSQL 15 or later is not installed");
  return `/usr/lib/postgresql/${versions[0]}/bin`;
}

// PostgreSQL refuses to run as root.
function unprivileged() {
  if (process.getuid() !== 0) return { uid: process.getuid(), gid: process.getgid(), name: userInfo().username };
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((l) => l.startsWith("postgres:"));
  if (!line) throw new Error("no user postgres on this machine");
  const [name, , uid, gid] = line.split(":");
  return { uid: Number(uid), gid: Number(gid), name };
}

const SETTINGS = {
  listen_addresses: "", max_connections: 200, shared_buffers: "256MB", work_mem: "16MB", fsync: "off", jit: "off",
};

// opened(db) comes as soon as there is something to stop.
export async function startDatabase(dir, opened) {
  const bin = binDir();
  const user = unprivileged();
  const home = path.join(dir, "pg");
  mkdirSync(home);
  chmodSync(home, 0o755);
  if (process.getuid() === 0) chownSync(home, user.uid, user.gid);
  const as = { uid: user.uid, gid: user.gid, cwd: home };
  execFileSync(`${bin}/initdb`, ["-D", `${home}/data`, "-U", "bench", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"], as);
  const options = Object.entries({ ...SETTINGS, unix_socket_directories: home }).flatMap(([k, v]) => ["-c", `${k}=${v}`]);
  const child = spawn(`${bin}/postgres`, ["-D", `${home}/data`, ...options], { ...as, detached: true, stdio: ["ignore", "ignore", "ignore"] });
  const psql = (...args) => execFileSync(`${bin}/psql`, ["-h", home, "-U", "bench", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const db = {
    dir: home, bin, pid: child.pid, psql: (...args) => psql("-d", "copp", ...args),
    url: `postgresql://bench@/copp?host=${encodeURIComponent(home)}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGINT");
      await until("PostgreSQL stops", () => child.exitCode !== null || child.signalCode !== null);
    },
  };
  opened(db);
  await until("PostgreSQL starts", () => psql("-d", "postgres", "-c", "CREATE DATABASE copp") === "");
  return db;
}

// Without our server nobody has migrated.
export function migrateByHand(db) {
  const migrations = path.join(root, "migrations");
  for (const name of readdirSync(migrations).filter((n) => n.endsWith(".sql")).sort()) db.psql("-1", "-f", path.join(migrations, name));
}

export const fill = (db) => db.psql("-f", path.join(here, "schema.sql"));
// The product writes when it last saw a session that is a minute old; that is not what is measured.
export const freshenSessions = (db) => db.psql("-c", "UPDATE session SET last_seen_at = now() + interval '1 hour'");

const tokenHash = (db, n) => db.psql("-c", `SELECT encode(sha256('bench-token-${n}'), 'hex')`).trim();

function writeScripts(db, dir, handler) {
  const draw = "\\set id random(1, 99900)\n";
  const bound = (name) => sql(name).replace("$1", ":id") + ";\n";
  if (handler !== "page") {
    writeFileSync(path.join(dir, `${handler}.pgbench`), draw + bound(handler));
    return [path.join(dir, `${handler}.pgbench`)];
  }
  return [1, 60, 120, 180, 240, 300, 360, 420].map((n) => { // pgbench cannot draw texts
    const file = path.join(dir, `page-${n}.pgbench`);
    const session = sessionSql().replace("$1", `'${tokenHash(db, n)}'`).replace("$2", "'web'").replace(/\s+/g, " ");
    writeFileSync(file, draw + session + ";\n" + bound("list"));
    return file;
  });
}

// What the database alone can do: 8 clients, prepared statements. perSecond counts requests (scripts).
export function pgbench(db, dir, handler, seconds) {
  const files = writeScripts(db, dir, handler).flatMap((f) => ["-f", f]);
  const before = cpuMs(db.pid);
  const text = execFileSync(`${db.bin}/pgbench`, ["-h", db.dir, "-U", "bench", "-n", "-M", "prepared", "-c", "8", "-j", "1", "-T", seconds, ...files, "copp"], { encoding: "utf8" });
  const done = Number(/transactions actually processed: (\d+)/.exec(text)[1]);
  return { perSecond: Number(/^tps = ([\d.]+)/m.exec(text)[1]), pgUs: ((cpuMs(db.pid) - before) * 1000) / done };
}
