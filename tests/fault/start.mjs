// Starting where one cannot start, and stopping in the middle of work.
import { spawn } from "node:child_process";
import net from "node:net";
import { mkdtempSync, chmodSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { processesOf, worker } from "../support/inside.mjs";
import { binary, freePort, startServer, until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";
import { Load } from "./load.mjs";

// Runs `copp serve` that is expected to end by itself.
function serve(env) {
  return new Promise((resolve) => {
    const child = spawn(binary, ["serve"], { env: { ...process.env, COPP_WORKERS: "2", ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    const keep = (chunk) => (text += chunk);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const timer = setTimeout(() => child.kill("SIGTERM"), 20000);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, text });
    });
  });
}

async function portTaken() {
  const dir = mkdtempSync(path.join(tmpdir(), "copp-port-"));
  chmodSync(dir, 0o755);
  const holder = net.createServer();
  await new Promise((resolve) => holder.listen(0, "127.0.0.1", resolve));
  try {
    const { code, text } = await serve({ COPP_DATA_DIR: path.join(dir, "data"), COPP_LISTEN: `127.0.0.1:${holder.address().port}` });
    equal(code, 1, `exit code; it said: ${text}`);
    truth(text.includes("COPP_LISTEN"), `COPP_LISTEN is not named: ${text}`);
    truth(text.trim().split("\n").length <= 3, `more than a sentence: ${text}`);
    await until("nothing is left", () => processesOf(dir).length === 0, 5000);
  } finally {
    holder.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function secondStart(server) {
  const port = await freePort();
  const { code, text } = await serve({ COPP_DATA_DIR: server.data, COPP_LISTEN: `127.0.0.1:${port}` });
  equal(code, 1, `exit code; it said: ${text.slice(0, 600)}`);
  truth(text.includes(server.data), `the data directory is not named: ${text.slice(0, 600)}`);
  truth(!text.includes("{\""), `log lines instead of a sentence: ${text.slice(0, 600)}`);
  equal((await fetch(`${server.url}/readyz`)).status, 200, "the first one after the second was refused");
  const victim = await worker(server, "web-1"); // and its control socket still answers
  process.kill(victim.pid, "SIGKILL");
  await until("its workers are still replaced", async () => {
    const now = await worker(server, "web-1");
    return now.ready && now.pid !== victim.pid;
  }, 15000);
  equal((await fetch(`${server.url}/programs`)).status, 200, "a page of the first one");
}

// A request whose body is on its way when the signal comes.
function halfSent(server) {
  const body = "email=nobody%40example.org&password=x";
  const socket = net.connect(server.port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => (text += chunk));
  socket.on("error", (error) => (text += `[${error.code}]`));
  const closed = new Promise((resolve) => socket.on("close", () => resolve(text)));
  socket.write(`POST /api/v1/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`);
  return { finish: () => socket.write(body.slice(5)), closed };
}

async function stops(server) {
  const load = new Load(server.url, "/api/v1/programs?limit=5", { clients: 8 });
  await until("load is running", () => load.answers.length > 200);
  try {
    await stopUnder(server, load);
  } finally {
    await load.stop();
  }
}

async function stopUnder(server, load) {
  const half = halfSent(server);
  const open = new Map(); // a worker tells of its own connections only
  await until("the half request has arrived", async () => {
    const text = await (await fetch(`${server.url}/metrics`, { headers: { connection: "close" } })).text();
    for (const [, who, count] of text.matchAll(/^copp_connections\{worker="([^"]*)"\} (\d+)/gm)) open.set(who, Number(count));
    return [...open.values()].reduce((sum, count) => sum + count, 0) >= 9;
  }, 5000);
  const began = performance.now();
  server.child.kill("SIGTERM");
  await until("the server begins to stop", () => server.log().some((l) => l.msg === "stopping"), 5000);
  half.finish();
  const answer = await half.closed;
  truth(/^HTTP\/1\.1 4\d\d /.test(answer) && answer.includes("\r\n\r\n{"), `the request in flight got: ${JSON.stringify(answer.slice(0, 300))}`);
  await until("the server ends", () => server.exited, 15000);
  const took = performance.now() - began;
  await load.stop();
  equal(server.exited, { code: 0, signal: null }, "exit");
  truth(took < 10000, `it took ${took.toFixed(0)} ms`);
  equal(load.statuses(), [200], "answers until the end");
  // After the end nobody listens; before it a kept connection may be closed between two requests, but nobody waits in vain.
  const strange = load.codes().filter((code) => !["ECONNREFUSED", "ECONNRESET", "EPIPE", "socket hang up"].includes(code));
  equal(strange, [], "failures");
  await until("no process is left", () => processesOf(server.dir).length === 0, 3000);
}

export async function run(tap) {
  await tap.test("a taken port is told in one sentence that names COPP_LISTEN", portTaken);
  const server = await startServer();
  try {
    await tap.test("a second start over the same data is refused and does not disturb the first", () => secondStart(server));
    await tap.test("SIGTERM under load lets requests in flight finish and leaves no process", () => stops(server));
  } finally {
    await server.stop();
  }
}
