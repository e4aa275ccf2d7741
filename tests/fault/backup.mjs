// A backup of the running platform brings everything back: the same rows, the same files, the same passwords.
import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "../support/client.mjs";
import { sql } from "../support/inside.mjs";
import { binary, freePort, startServer, until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";

function copp(data, ...args) {
  return new Promise((resolve) => {
    execFile(binary, args, { env: { ...process.env, COPP_DATA_DIR: data }, cwd: "/" }, (error, out, err) => resolve({ code: error ? error.code : 0, text: out + err }));
  });
}

const COUNTS = "SELECT (SELECT count(*) FROM application), (SELECT count(*) FROM person), (SELECT count(*) FROM file_object), (SELECT count(*) FROM ref_item), (SELECT max(id) FROM audit_event) IS NOT NULL";

async function serves(data, check) {
  const port = await freePort();
  const child = spawn(binary, ["serve"], { env: { ...process.env, COPP_DATA_DIR: data, COPP_LISTEN: `127.0.0.1:${port}`, COPP_WORKERS: "1" }, stdio: "ignore" });
  let ended = null;
  child.once("exit", (code) => (ended = code));
  const url = `http://127.0.0.1:${port}`;
  try {
    await until("the restored platform serves", async () => ended === null && (await fetch(`${url}/readyz`)).status === 200, 60000);
    await check({ url, data });
  } finally {
    child.kill("SIGTERM");
    await until("it ends", () => ended !== null, 20000);
  }
}

async function saved(server, file) {
  const answer = await copp(server.data, "backup", file);
  equal(answer.code, 0, `exit code: ${answer.text}`);
  equal(statSync(file).mode & 0o777, 0o600, "mode of the archive");
  const verified = await copp(server.data, "backup", "--verify", file);
  equal(verified.code, 0, `verify: ${verified.text}`);
  equal((await copp(server.data, "restore", "--verify", file)).code, 0, "the same asked of restore");
  const busy = await copp(server.data, "restore", file, "--force");
  equal(busy.code, 1, "a restore under the running platform");
}

async function restored(file, counts, login, files) {
  const dir = mkdtempSync(path.join(tmpdir(), "copp-back-"));
  chmodSync(dir, 0o755);
  const data = path.join(dir, "data");
  try {
    const answer = await copp(data, "restore", file);
    equal(answer.code, 0, `exit code: ${answer.text}`);
    equal((await copp(data, "restore", file)).code, 1, "a second restore without --force");
    await serves(data, async (server) => {
      equal((await sql(server, COUNTS))[0], counts, "rows");
      const client = new Client(server.url, login);
      equal((await client.page("GET", "/cabinet")).status, 200, "the cabinet after the same login");
      for (const name of files) truth(statSync(path.join(data, "files", name.slice(0, 2), name)).size > 0, `file ${name}`);
    });
    const again = path.join(dir, "again.tar"); // of the cluster that does not run
    equal((await copp(data, "backup", again)).code, 0, "a backup of the stopped platform");
    equal((await copp(data, "restore", again, "--force")).code, 0, "a restore over it");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function damaged(file, data) {
  const bytes = readFileSync(file);
  const broken = `${file}.broken`;
  bytes[Math.floor(bytes.length / 2)] ^= 0xff;
  writeFileSync(broken, bytes);
  const answer = await copp(data, "backup", "--verify", broken);
  equal(answer.code, 1, `exit code: ${answer.text}`);
  truth(/повреждён|не сошл|не справилась/.test(answer.text), answer.text);
}

// What the administrator sets and presses, the job does: saved, verified, the oldest beyond the number removed.
async function byTheJob(server, dir) {
  const admin = new Client(server.url, server.logins.get("admin@demo.copp"));
  for (const [key, value] of [["backup_dir", dir], ["backup_keep", 1]]) {
    const put = await admin.api("PUT", `/api/v1/settings/system.${key}`, { value, version: 0 });
    equal(put.status, 200, `setting ${key}: ${put.text}`);
  }
  for (const round of [1, 2]) {
    await admin.page("GET", "/admin/system");
    const made = await admin.page("POST", "/admin/system/backup", "x=1");
    equal(made.status, 303, "the button");
    await until(`backup ${round} is verified`, async () => (await sql(server, "SELECT count(*) FROM backup_run WHERE state = 'done' AND verified_at IS NOT NULL AND size_bytes > 0 AND id = (SELECT max(id) FROM backup_run)"))[0][0] === "1"
      && (await sql(server, `SELECT max(id) >= ${round} FROM backup_run`))[0][0] === "t", 120000);
  }
  await until("the older one is gone", async () => readdirSync(dir).length === 1, 20000);
  const page = await admin.page("GET", "/admin/system");
  truth(page.text.includes(readdirSync(dir)[0]), "the page names the archive");
}

export async function run(tap) {
  const dir = mkdtempSync(path.join(tmpdir(), "copp-archive-"));
  const file = path.join(dir, "copp.tar");
  const server = await startServer();
  try {
    const login = server.logins.get("staff@demo.copp");
    await tap.test("the running platform is saved and the archive verified", () => saved(server, file));
    const counts = (await sql(server, COUNTS))[0];
    truth(Number(counts[2]) > 0, "no files in the demo: the test would prove nothing");
    const files = (await sql(server, "SELECT DISTINCT sha256 FROM file_object LIMIT 20")).map((row) => row[0]);
    await tap.test("restored elsewhere it has the same rows, files and logins", () => restored(file, counts, login, files));
    const shelf = path.join(dir, "shelf");
    mkdirSync(shelf);
    chmodSync(dir, 0o755);
    chmodSync(shelf, 0o777);
    await tap.test("the job saves, verifies and keeps as many as asked", () => byTheJob(server, shelf));
    await tap.test("a damaged archive is noticed", () => damaged(file, server.data));
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
