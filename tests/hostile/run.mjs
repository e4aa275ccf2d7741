// Each *.lua beside this file goes through `copp rules run`: it must end as its first line says ("-- expect: time memory": one of
// these kinds; json: a result; out of time on a busy machine it is tried again), soon, and with the same result twice. No `-- expect:` line: a syntax error or a result.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tap } from "../support/tap.mjs";

const HERE = dirname(fileURLToPath(import.meta.url)), ROOT = join(HERE, "../..");
const BUILDS = (process.env.COPP_HOSTILE_BUILDS ?? "build/release").split(" "); // under ASan: tests/core/script_hostile.c, in seconds
const LIMIT_MS = 5000, AT_ONCE = 2; // a second by contract, on a machine that has nothing else to do
const KINDS = ["syntax", "runtime", "time", "memory", "output", "depth", "result"];

function expected(file) {
  const words = /expect: ([a-z ]+)/.exec(readFileSync(file, "latin1").slice(0, 200));
  return words ? words[1].trim().split(" ") : ["syntax", "json"];
}

function run(build, file) {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(join(ROOT, build, "copp"), ["rules", "run", file], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "", errors = "";
    child.stdout.on("data", (data) => { output = (output + data).slice(-4_000_000); });
    child.stderr.on("data", (data) => { errors += data; });
    child.on("close", (code, signal) => {
      const last = output.replace(/\n$/, "").split("\n").pop();
      resolve({ code, signal, last, errors, ms: performance.now() - began });
    });
  });
}

function kindOf(ended) {
  const kind = /^error: ([a-z]+): /.exec(ended.last)?.[1];
  if (kind) return ended.code === 1 ? kind : `error with exit ${ended.code}`;
  if (ended.code !== 0) return `exit ${ended.code} ${ended.signal ?? ""}`;
  try {
    JSON.parse(ended.last);
    return "json";
  } catch {
    return "no JSON";
  }
}

async function insist(build, file, kinds) {
  for (let tries = 1; ; tries++) {
    const ended = await run(build, file), kind = kindOf(ended);
    if (kind !== "time" || kinds.includes("time") || tries === 4) return [ended, kind];
  }
}

async function examine(name, file) {
  const kinds = expected(file), faults = [];
  for (const build of BUILDS) {
    const answers = [];
    for (let round = 0; round < 2; round++) {
      const [ended, kind] = await insist(build, file, kinds);
      if (!kinds.includes(kind)) faults.push(`${build}: ${kind} instead of ${kinds.join(" or ")}: ${ended.last.slice(0, 200)}`);
      if (ended.errors !== "") faults.push(`${build}: says ${ended.errors.slice(0, 1000)}`);
      if (ended.ms > LIMIT_MS) faults.push(`${build}: took ${ended.ms.toFixed(0)} ms`);
      if (kind === "json") answers.push(ended.last);
    }
    if (new Set(answers).size > 1) faults.push(`${build}: answers ${answers.map((answer) => answer.slice(0, 100)).join(", then ")}`);
  }
  return { name, faults };
}

const tap = new Tap();
const asked = process.argv.slice(2);
const names = readdirSync(HERE).filter((name) => name.endsWith(".lua") && (asked.length === 0 || asked.includes(name.slice(0, -4)))).sort();
const queue = [...names], results = [];
async function work() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) results.push(await examine(name, join(HERE, name)));
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
for (const { name, faults } of results.sort((a, b) => (a.name < b.name ? -1 : 1))) tap.ok(faults.length === 0, `hostile ${name} is contained`, faults.join("\n"));
if (asked.length === 0) tap.ok(names.length >= 100 && KINDS.every((kind) => names.some((name) => expected(join(HERE, name)).includes(kind))), "the corpus knows every kind");
tap.end();
