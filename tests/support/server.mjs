// A real server with its own embedded PostgreSQL and the demo region, for one suite.
//
//   const server = await startServer({ port: 18101, binary, env: {} });
//   server.url, server.logins.get("staff@demo.copp") -> { role, email, password }
//   server.log() -> parsed JSON log lines so far; await server.stop()
//
// Everything lives in a directory of its own below /tmp and is removed at stop().
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const binary = process.env.COPP_BINARY ?? path.join(root, "build/release/copp");

// Asks until `check` gives something true or the deadline passes; throws with `what` otherwise.
export async function until(what, check, ms = 30000) {
  const end = Date.now() + ms;
  let last;
  while (Date.now() < end) {
    try {
      const found = await check();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within ${ms} ms${last ? ` (${last.message})` : ""}`);
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function readLogins(file) {
  const logins = new Map();
  if (!existsSync(file)) return logins;
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const [role, email, password] = line.split("\t");
    logins.set(email, { role, email, password });
  }
  return logins;
}

export async function startServer({ env = {}, demo = true, ms = 120000, program = binary } = {}) {
  if (!existsSync(program)) throw new Error(`${program} is missing: build first (./copp test does)`);
  const dir = mkdtempSync(path.join(tmpdir(), "copp-test-"));
  chmodSync(dir, 0o755);
  const data = path.join(dir, "data");
  const logFile = path.join(dir, "server.log");
  const port = await freePort();
  const out = openSync(logFile, "a");
  const child = spawn(program, ["serve", ...(demo ? ["--demo-if-empty"] : [])], {
    cwd: root,
    env: { ...process.env, COPP_DATA_DIR: data, COPP_LISTEN: `127.0.0.1:${port}`, COPP_WORKERS: "2", ...env },
    stdio: ["ignore", out, out],
  });
  let exited = null;
  child.once("exit", (code, signal) => (exited = { code, signal }));
  const url = `http://127.0.0.1:${port}`;
  const server = {
    url, port, dir, data, child, logFile,
    get exited() { return exited; },
    get logins() { return readLogins(path.join(data, "demo-logins.txt")); },
    text: () => readFileSync(logFile, "utf8"),
    log: () => readFileSync(logFile, "utf8").split("\n").filter((l) => l.startsWith("{")).map((l) => JSON.parse(l)),
    async stop(signal = "SIGTERM") {
      if (!exited) {
        child.kill(signal);
        await until("server stops", () => exited, 30000);
      }
      if (process.env.COPP_KEEP !== "1") rmSync(dir, { recursive: true, force: true });
      return exited;
    },
  };
  try {
    await until("server is ready", async () => {
      if (exited) throw new Error(`server exited: ${JSON.stringify(exited)}`);
      return (await fetch(`${url}/readyz`)).status === 200;
    }, ms);
  } catch (error) {
    process.stderr.write(server.text().split("\n").slice(-30).join("\n") + "\n");
    await server.stop("SIGKILL");
    throw error;
  }
  return server;
}
