// The servers that are compared. Each is started in a session of its own (setsid): the scheduler
// groups by session, and a child of the load generator's shell would share its part of the CPU.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { binary, freePort, root, until } from "../../support/server.mjs";
import { sql } from "./database.mjs";
import { ownsPort } from "./proc.mjs";

const peers = path.join(root, "tests/bench/peers");

const running = new Set();

// Also those that are only starting: the way out after Ctrl-C.
export async function stopAll() {
  await Promise.all([...running].map((system) => system.stop()));
}

async function start(name, dir, port, command, args, env, ready) {
  const logFile = path.join(dir, `${name}.log`);
  const out = openSync(logFile, "a");
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", out, out], detached: true });
  const system = {
    name, port, pid: child.pid, url: `http://127.0.0.1:${port}`,
    async stop() {
      running.delete(system);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await until(`${name} stops`, () => child.exitCode !== null || child.signalCode !== null);
    },
  };
  running.add(system);
  try {
    await until(`${name} answers`, async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      return (await fetch(system.url + ready)).status === 200;
    }, 60000);
    if (!ownsPort(child.pid, port)) throw new Error(`${name}: somebody else listens on port ${port}`);
  } catch (error) {
    await system.stop();
    throw new Error(`${error.message}\n${readFileSync(logFile, "utf8").split("\n").slice(-15).join("\n")}`);
  }
  return system;
}

export async function startOurs(dir, db) {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: build first`);
  const port = await freePort();
  const data = path.join(dir, "data");
  mkdirSync(data);
  const env = { COPP_DATABASE_URL: db.url, COPP_DATA_DIR: data, COPP_LISTEN: `127.0.0.1:${port}`, COPP_WORKERS: "2", COPP_DEV: "1" };
  return start("copp", dir, port, binary, ["serve"], env, "/readyz");
}

export async function startNginx(dir) {
  const port = await freePort();
  const file = path.join(dir, "nginx.conf");
  const conf = readFileSync(path.join(peers, "nginx.conf"), "utf8").replaceAll("{dir}", dir).replaceAll("{port}", port);
  writeFileSync(file, conf);
  return start("nginx", dir, port, "/usr/sbin/nginx", ["-c", file, "-p", dir, "-e", path.join(dir, "nginx.log")], {}, "/static200");
}

function installPeers() {
  const lock = path.join(peers, "package-lock.json");
  const mark = path.join(peers, "node_modules/.package-lock.json");
  if (existsSync(mark) && statSync(mark).mtimeMs >= statSync(lock).mtimeMs) return;
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: peers, stdio: ["ignore", "ignore", "inherit"] });
}

// pageBytes: the size of our page, which the peer's is made as large as.
export async function startFastify(dir, db, pageBytes) {
  installPeers();
  const port = await freePort();
  const env = {
    NODE_ENV: "production", BENCH_PORT: String(port), BENCH_SOCKET: path.join(db.dir, ".s.PGSQL.5432"),
    BENCH_SQL: JSON.stringify({ row: sql("row"), list: sql("list"), session: sql("session") }),
    BENCH_PAGE_BYTES: String(pageBytes),
  };
  return start("fastify", dir, port, process.execPath, [path.join(peers, "fastify.mjs")], env, "/dev/bench/plaintext");
}
