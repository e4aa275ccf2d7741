// A hostile plugin on a real server, beside a good one.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { binary, root, startServer, until } from "../support/server.mjs";
import { Tap } from "../support/tap.mjs";

const tap = new Tap();
const env = { COPP_REGION_DIR: path.join(root, "tests/plugins/region") };
let server;

const copp = (...words) => spawnSync(binary, ["plugin", ...words], { env: { ...process.env, ...env, COPP_DATA_DIR: server.data }, encoding: "utf8" });

async function token(who) {
  const line = readFileSync(path.join(server.data, "demo-logins.txt"), "utf8").split("\n").find((l) => l.includes(`\t${who}@demo.copp\t`));
  const [, email, password] = line.split("\t");
  const answer = await fetch(`${server.url}/api/v1/auth/token`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email, password }) });
  return (await answer.json()).access_token;
}

async function ask(who, target, method = "GET") {
  const began = Date.now();
  const answer = await fetch(server.url + target, { method, headers: { Authorization: `Bearer ${who}` } });
  return { status: answer.status, body: await answer.json(), ms: Date.now() - began };
}

const bad = (who, name) => ask(who, `/api/v1/x/hostile/${name}`);

try {
  server = await startServer({ env });
  for (const id of ["consumables", "hostile"]) {
    const done = copp("enable", id, "--yes");
    tap.ok(done.status === 0, `${id} is enabled`, done.stdout + done.stderr);
  }
  const staff = await token("staff"), admin = await token("admin");
  await tap.test("a route that throws answers 503 and nobody else notices", async () => {
    const answer = await bad(staff, "throw");
    if (answer.status !== 503 || answer.body.code !== "plugin_failed") throw new Error(JSON.stringify(answer));
  });
  await tap.test("no statement but those of sql.lua runs", async () => {
    const answer = await bad(staff, "sql");
    if (answer.body.code !== "denied") throw new Error(JSON.stringify(answer));
  });
  await tap.test("a request may not go to the net", async () => {
    const answer = await bad(staff, "net");
    if (answer.body.code !== "denied") throw new Error(JSON.stringify(answer));
  });
  await tap.test("nothing of the system is in reach", async () => {
    const answer = await bad(staff, "escape");
    if (Object.values(answer.body).some((seen) => seen)) throw new Error(JSON.stringify(answer));
  });
  await tap.test("a job may not reach this machine, though its manifest asked for it", async () => {
    await ask(staff, "/api/v1/x/hostile/job", "POST");
    const line = await until("the job to tell", () => server.log().find((l) => l.msg === "plugin" && l.plugin === "hostile"), 20000);
    if (!line.text.startsWith("invalid")) throw new Error(JSON.stringify(line));
  });
  for (const name of ["loop", "memory", "out"]) {
    await tap.test(`${name} is stopped in its limits`, async () => {
      const answer = await bad(staff, name);
      if (answer.status !== 503 || answer.ms > 1500) throw new Error(JSON.stringify(answer));
    });
  }
  await tap.test("after three limits the plugin is switched off", async () => {
    const answer = await bad(staff, "escape");
    if (answer.body.code !== "plugin_off") throw new Error(JSON.stringify(answer));
    const card = await ask(admin, "/api/v1/plugins/hostile");
    if (card.body.state !== "suspended") throw new Error(JSON.stringify(card));
  });
  await tap.test("the plugin beside it goes on", async () => {
    const answer = await ask(staff, "/api/v1/x/consumables/forecast");
    if (answer.status !== 200) throw new Error(JSON.stringify(answer));
  });
  const faults = server.log().filter((line) => line.level === "error");
  tap.ok(faults.length === 0, "the server logged no error", faults.slice(0, 3).map((l) => JSON.stringify(l)).join("\n"));
} catch (error) {
  tap.ok(false, "the suite ran to its end", error.stack);
} finally {
  await server?.stop();
}
tap.end();
