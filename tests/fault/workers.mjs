// A web worker dies or stalls under load.
import { isAlive, status, worker } from "../support/inside.mjs";
import { startServer, until } from "../support/server.mjs";
import { truth } from "../support/tap.mjs";
import { Load } from "./load.mjs";

const PATH = "/api/v1/programs?limit=5";
const CLIENTS = 16;

async function warm(server) {
  const load = new Load(server.url, PATH, { clients: CLIENTS });
  await until("load is running", () => load.answers.length > 200);
  return load;
}

async function replaced(server, old, ms) {
  const began = performance.now();
  await until("another process in its place", async () => {
    const now = await worker(server, old.name);
    return now.pid !== 0 && now.pid !== old.pid;
  }, ms);
  const present = performance.now() - began;
  const fresh = await until("the new process serves", async () => {
    const now = await worker(server, old.name);
    return now.ready && now.pid !== old.pid && now;
  }, ms + 10000);
  return { fresh, present, ready: performance.now() - began };
}

async function killed(server) {
  const load = await warm(server);
  try {
    const victim = await worker(server, "web-1"), others = (await status(server)).children.filter((c) => c.name !== "web-1");
    const from = performance.now();
    process.kill(victim.pid, "SIGKILL");
    const { present, ready } = await replaced(server, victim, 1000);
    const size = load.answers.length;
    await until("load goes on", () => load.answers.length > size + 200);
    const to = performance.now();
    await load.stop();
    process.stdout.write(`# replaced in ${present.toFixed(0)} ms, serving in ${ready.toFixed(0)} ms, ${load.failures.length} requests broken\n`);
    truth(load.failures.length <= CLIENTS, `${load.failures.length} requests failed with ${CLIENTS} clients: ${load.codes()}`);
    truth(load.statuses().join() === "200", `answers: ${load.statuses()}`);
    const gap = load.gap(from, to);
    truth(gap < 500, `nobody was answered for ${gap.toFixed(0)} ms: the other worker noticed`);
    for (const other of others) truth((await worker(server, other.name)).pid === other.pid, `${other.name} was replaced too`);
  } finally {
    await load.stop();
  }
}

async function stalled(server) {
  const load = await warm(server);
  try {
    const victim = await worker(server, "web-2");
    const from = performance.now();
    process.kill(victim.pid, "SIGSTOP");
    const { present } = await replaced(server, victim, 8000);
    process.stdout.write(`# replaced ${present.toFixed(0)} ms after it stopped\n`);
    truth(!isAlive(victim.pid), "the stalled process is still there");
    const to = performance.now();
    const gap = load.gap(from, to);
    truth(gap < 500, `nobody was answered for ${gap.toFixed(0)} ms`);
    await load.stop();
    truth(load.failures.length <= CLIENTS, `${load.failures.length} requests failed: ${load.codes()}`);
  } finally {
    await load.stop();
  }
}

async function jobs(server) {
  const victim = await worker(server, "job-1");
  process.kill(victim.pid, "SIGKILL");
  await replaced(server, victim, 1000);
}

export async function run(tap) {
  const server = await startServer();
  try {
    await tap.test("a killed web worker is replaced within a second; the other one answers without a gap", () => killed(server));
    await tap.test("a stalled web worker is killed and replaced; the other one answers meanwhile", () => stalled(server));
    await tap.test("a killed job worker is replaced within a second", () => jobs(server));
  } finally {
    const exit = await server.stop();
    tap.ok(exit.code === 0, "after that the server stops cleanly", JSON.stringify(exit));
  }
}
