// Runs what docs/*.md show. Fences whose info string has the word "test" after the language are run, the others are only read:
//   ```sh test                     one bash a document; $URL is the server; a line "# → text" must be in what is printed
//   ```http test                   request, headers, empty line, body, then "422 {…}": status and what the answer must contain
//   ```lua test PATH               a file: of the region in region.md, of the checkout elsewhere (sql, html … alike)
//   ```lua test PATH after TEXT    lines added to a file of the checkout below the first line with TEXT
// The server runs from a copy of the checkout to which all files of the documents were added: what they teach must load.
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, chmodSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { binary, root, startServer } from "../support/server.mjs";
import { Tap } from "../support/tap.mjs";

const COPIED = ["lua", "views", "config", "data", "migrations", "plugins", "build/assets", "copp", "VERSION", "tests/support", "tests/lua"];
const LAST = ["region.md"]; // it changes the rules that the others show

function blocksOf(file) {
  const blocks = [];
  let block = null;
  readFileSync(file, "utf8").split("\n").forEach((line, i) => {
    const fence = /^```(\w+)(?: test(?: (\S+)(?: after (.+))?)?)?$/.exec(line);
    if (block && line === "```") {
      if (block.isTest) blocks.push(block);
      block = null;
    } else if (block) block.lines.push(line);
    else if (line.startsWith("```")) {
      const isTest = / test( |$)/.test(line);
      if (isTest && !fence) throw new Error(`${file}:${i + 1}: ${line}`);
      block = { isTest, lang: fence?.[1], path: fence?.[2], after: fence?.[3], at: i + 1, lines: [] };
    }
  });
  if (block) throw new Error(`${file}:${block.at}: the fence is not closed`);
  return blocks;
}

function write(block, checkout, region, isRegion) {
  const target = path.join(isRegion ? region : checkout, block.path);
  const text = block.lines.join("\n") + "\n";
  mkdirSync(path.dirname(target), { recursive: true });
  if (!block.after) return writeFileSync(target, text);
  const lines = readFileSync(target, "utf8").split("\n");
  const at = lines.findIndex((line) => line.includes(block.after));
  if (at < 0) throw new Error(`${block.path} has no line with ${block.after}`);
  lines.splice(at + 1, 0, ...block.lines);
  writeFileSync(target, lines.join("\n"));
}

// A bash that keeps its variables from block to block and ends at the first failure.
class Shell {
  constructor(cwd, env) {
    this.dir = mkdtempSync(path.join(tmpdir(), "copp-docs-sh-"));
    this.count = 0;
    this.text = "";
    this.child = spawn("bash", ["--noprofile", "--norc"], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stdout.on("data", (d) => this.take(d));
    this.child.stderr.on("data", (d) => this.take(d));
    this.child.once("close", () => { this.ended = true; this.wake?.(); });
    this.child.stdin.on("error", () => {});
    this.child.stdin.write("set -euo pipefail\n");
  }
  take(data) {
    this.text += data;
    this.wake?.();
  }
  async run(text) {
    if (this.ended) throw new Error("not reached: an earlier example of this document failed");
    const file = path.join(this.dir, `${++this.count}.sh`), mark = `@@${this.count}@@`;
    writeFileSync(file, text + "\n");
    this.text = "";
    this.child.stdin.write(`source ${file} </dev/null; echo ${mark}\n`);
    const deadline = Date.now() + 30000;
    while (!this.text.includes(mark)) {
      if (this.ended) throw new Error(`failed:\n${this.text.trim()}`);
      if (Date.now() > deadline) throw new Error(`not done in 30 s:\n${this.text.trim()}`);
      await new Promise((resolve) => { this.wake = resolve; setTimeout(resolve, 500); });
    }
    return this.text.replace(`${mark}\n`, "");
  }
  end() {
    this.child.stdin.end();
    if (!this.ended) this.child.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function runShell(shell, block) {
  const printed = await shell.run(block.lines.join("\n"));
  for (const line of block.lines) {
    const wanted = /^\s*# → (.*)$/.exec(line)?.[1];
    if (wanted && !printed.includes(wanted)) throw new Error(`expected «${wanted}» in what is printed:\n${printed}`);
  }
}

function contains(actual, expected, at) {
  if (expected === null || typeof expected !== "object") {
    if (actual !== expected) throw new Error(`${at}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
    return;
  }
  for (const key of Object.keys(expected)) contains(actual?.[key], expected[key], `${at}.${key}`);
}

async function runHttp(shell, url, block) {
  const filled = (await shell.run(`cat <<@@@\n${block.lines.join("\n")}\n@@@`)).trimEnd().split("\n");
  const [method, target] = filled.shift().split(" ");
  const headers = {}, body = [];
  while (/^[A-Za-z-]+: /.test(filled[0] ?? "")) {
    const line = filled.shift();
    headers[line.slice(0, line.indexOf(":"))] = line.slice(line.indexOf(":") + 2);
  }
  const answerAt = filled.findLastIndex((line) => /^\d{3}( |$)/.test(line));
  if (answerAt < 0) throw new Error("no expected answer");
  body.push(...filled.slice(0, answerAt));
  const [, status, json] = /^(\d{3}) ?([\s\S]*)$/.exec(filled.slice(answerAt).join("\n"));
  const response = await fetch(url + target, { method, headers, body: body.join("\n").trim() || undefined, redirect: "manual" });
  const text = await response.text();
  if (response.status !== Number(status)) throw new Error(`expected ${status}, got ${response.status}: ${text.slice(0, 500)}`);
  if (json.trim()) contains(JSON.parse(text), JSON.parse(json), "answer");
}

const nameOf = (file, block) => {
  const first = block.lines.find((line) => line.trim()) ?? "";
  return `${path.basename(file)}:${block.at} ${first.replace(/^# /, "").slice(0, 90)}`.replaceAll("#", "");
};

// Links of the documents lead to files and, inside them, to headings that exist.
function checkLinks(file) {
  const broken = [];
  for (const [, target] of readFileSync(file, "utf8").replace(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?:|mailto:|#)/.test(target)) continue;
    if (!existsSync(path.join(path.dirname(file), target.split("#")[0]))) broken.push(target);
  }
  if (broken.length > 0) throw new Error(`broken links: ${broken.join(", ")}`);
}

// Screens that a document names (`/cabinet/orders`) are there: a guest sees them or is led to the log-in.
async function checkScreens(file, url) {
  const text = readFileSync(file, "utf8").replace(/```[\s\S]*?```/g, "");
  const named = new Set([...text.matchAll(/`(\/[a-z/0-9_-]+)`/g)].map((m) => m[1]));
  const missing = [];
  for (const screen of named) {
    if (!/^\/(cabinet|admin|programs|register|login|password)/.test(screen)) continue;
    const { status } = await fetch(url + screen, { redirect: "manual" });
    if (status !== 200 && status !== 303) missing.push(`${screen} (${status})`);
  }
  if (missing.length > 0) throw new Error(`no such screens: ${missing.join(", ")}`);
}

const dir = path.join(root, "docs");
const asked = process.argv.slice(2).map((f) => path.resolve(f));
const found = asked.length > 0 ? asked : readdirSync(dir).filter((f) => f.endsWith(".md")).map((f) => path.join(dir, f));
const rank = (f) => (LAST.includes(path.basename(f)) ? 1 : 0);
const files = found.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
const tap = new Tap();

const scratch = mkdtempSync(path.join(tmpdir(), "copp-docs-"));
chmodSync(scratch, 0o755);
const checkout = path.join(scratch, "checkout"), region = path.join(scratch, "region");
mkdirSync(region);
for (const part of COPIED) {
  if (existsSync(path.join(root, part))) cpSync(path.join(root, part), path.join(checkout, part), { recursive: true });
}
const program = path.join(checkout, "build/release/copp");
mkdirSync(path.dirname(program), { recursive: true });
cpSync(binary, program);

const documents = files.map((file) => ({ file, blocks: blocksOf(file), isRegion: path.basename(file) === "region.md" }));
const isFile = (block) => block.lang !== "sh" && block.lang !== "http";
// The region's settings are read at the start; the rest of its files comes when its document is read.
const isEarly = (document, block) => isFile(block) && (!document.isRegion || block.path === "config.lua");
const env = { COPP_REGION_DIR: region };
let server;
try {
  for (const document of documents) {
    for (const block of document.blocks.filter((b) => isEarly(document, b))) {
      await tap.test(nameOf(document.file, { ...block, lines: [`${block.path}`] }), () => write(block, checkout, region, document.isRegion));
    }
  }
  for (const { file } of documents) await tap.test(`${path.basename(file)}: links lead to files`, () => checkLinks(file));
  const checked = spawnSync(program, ["check"], { env: { ...process.env, ...env, COPP_DATA_DIR: path.join(scratch, "check") }, encoding: "utf8" });
  tap.ok(checked.status === 0, "the examples pass copp check", checked.stdout + checked.stderr);
  server = await startServer({ program, env });
  for (const { file } of documents) await tap.test(`${path.basename(file)}: its screens exist`, () => checkScreens(file, server.url));
  for (const document of documents) {
    const shell = new Shell(checkout, { ...process.env, ...env, URL: server.url, COPP_DATA_DIR: server.data, BACKUP: path.join(scratch, "backup"), TZ: "Asia/Yekaterinburg" });
    for (const block of document.blocks.filter((b) => !isEarly(document, b))) {
      await tap.test(nameOf(document.file, block), async () => {
        if (isFile(block)) write(block, checkout, region, document.isRegion);
        else if (block.lang === "http") await runHttp(shell, server.url, block);
        else await runShell(shell, block);
      });
    }
    shell.end();
  }
  const faults = server.log().filter((line) => line.level === "error");
  tap.ok(faults.length === 0, "the server logged no error", faults.slice(0, 5).map((l) => JSON.stringify(l)).join("\n"));
} catch (error) {
  tap.ok(false, "the examples were run to the end", error.stack);
} finally {
  const exit = await server?.stop();
  if (exit) tap.ok(exit.code === 0, "the server stops cleanly", JSON.stringify(exit));
  if (process.env.COPP_KEEP !== "1") rmSync(scratch, { recursive: true, force: true });
  else appendFileSync("/dev/stderr", `${scratch}\n`);
}
tap.end();
