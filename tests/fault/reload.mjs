// New versions under load: a good one is switched to without a failed request, a broken one leaves the old one serving.
import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { status, worker } from "../support/inside.mjs";
import { binary, root, startServer, until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";
import { Load } from "./load.mjs";

const RELOADS = 20;
const VIEW = "views/accounts/login.html";
// What is broken in turn: a syntax error, a failing module, a missing module, a broken view, a wrong rule.
const BREAKS = [
  ["lua/domain/programs/service.lua", (text) => `${text}\nlocal = 5\n`],
  ["lua/domain/programs/pages.lua", (text) => `error("нарочно")\n${text}`],
  ["lua/domain/programs/api.lua", (text) => `require("domain.nowhere")\n${text}`],
  [VIEW, (text) => `${text}<% if true then %>`],
  ["lua/rules/workflows/application.lua", () => "return 5\n"],
];

// A copy of the checkout that this test may break.
function scratch() {
  const dir = mkdtempSync(path.join(tmpdir(), "copp-tree-"));
  chmodSync(dir, 0o755);
  for (const part of ["lua", "views", "config", "migrations", "data", "plugins", "build/assets"]) {
    if (existsSync(path.join(root, part))) cpSync(path.join(root, part), path.join(dir, part), { recursive: true });
  }
  mkdirSync(path.join(dir, "build/release"), { recursive: true });
  cpSync(binary, path.join(dir, "build/release/copp"));
  return { dir, program: path.join(dir, "build/release/copp") };
}

function reload(server, program) {
  return new Promise((resolve) => {
    execFile(program, ["reload"], { env: { ...process.env, COPP_DATA_DIR: server.data } }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, text: out + err }));
  });
}

const versionOf = async (server) => /проба-(\d+)/.exec(await (await fetch(`${server.url}/login`)).text())?.[1];

async function reloads(server, { dir, program }) {
  const view = path.join(dir, VIEW), original = readFileSync(view, "utf8");
  const loads = [new Load(server.url, "/login", { clients: 4 }), new Load(server.url, "/login", { clients: 2, keepAlive: false })];
  let version = 0, generation = (await status(server)).generation;
  try {
    for (let i = 1; i <= RELOADS; i++) {
      const broken = i % 4 === 0 ? BREAKS[i / 4 - 1] : null;
      writeFileSync(view, `${original}<p hidden>проба-${i}</p>`);
      let kept;
      if (broken) {
        kept = readFileSync(path.join(dir, broken[0]), "utf8");
        writeFileSync(path.join(dir, broken[0]), broken[1](kept));
      }
      const answer = await reload(server, program);
      if (broken) {
        writeFileSync(path.join(dir, broken[0]), broken[0] === VIEW ? original : kept);
        truth(answer.code === 1, `a broken ${broken[0]} was accepted: ${answer.code} ${answer.text}`);
        truth(answer.text.includes(path.basename(broken[0])) || broken[0].includes("workflows"), `the file is not named: ${answer.text}`);
      } else {
        truth(answer.code === 0, `reload ${i}: ${answer.code} ${answer.text}`);
        version = i;
      }
      for (let k = 0; k < 4; k++) equal(await versionOf(server), String(version), `version served after reload ${i}`);
      const now = (await status(server)).generation; // numbers of refused attempts are left out
      truth(broken ? now === generation : now > generation, `generation after reload ${i}: ${now} after ${generation}`);
      generation = now;
    }
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
  }
  const failed = loads.flatMap((load) => [...load.failures.map((f) => f.code), ...load.answers.filter((a) => a.status !== 200).map((a) => a.status)]);
  const total = loads.reduce((sum, load) => sum + load.answers.length, 0);
  process.stdout.write(`# ${total} requests during ${RELOADS} reloads, slowest ${Math.max(...loads.flatMap((l) => l.answers.map((a) => a.took))).toFixed(0)} ms\n`);
  truth(total > 500, `only ${total} requests were made`);
  equal(failed, [], "failed requests");
}

async function replacedWorker(server, { dir, program }) {
  const before = await versionOf(server);
  writeFileSync(path.join(dir, "lua/boot.lua"), "return nil +\n");
  equal((await reload(server, program)).code, 1, "exit code of a broken reload");
  const victim = await worker(server, "web-1");
  process.kill(victim.pid, "SIGKILL");
  await until("the worker is replaced", async () => {
    const now = await worker(server, "web-1");
    return now.ready && now.pid !== victim.pid;
  }, 15000);
  for (let i = 0; i < 8; i++) equal(await versionOf(server), before, "version of the replaced worker");
}

export async function run(tap) {
  const tree = scratch();
  try {
    const server = await startServer({ program: tree.program });
    try {
      await tap.test(`${RELOADS} reloads under load, five of them broken: no request fails, the last good version serves`, () => reloads(server, tree));
      await tap.test("a worker that dies after a refused reload comes back with the version that serves", () => replacedWorker(server, tree));
    } finally {
      const exit = await server.stop();
      tap.ok(exit.code === 0, "after that the server stops cleanly", JSON.stringify(exit));
    }
  } finally {
    rmSync(tree.dir, { recursive: true, force: true });
  }
}
