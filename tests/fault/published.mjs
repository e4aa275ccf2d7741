// What is published in the browser: accepted by all workers or not at all, and never a reason not to start.
import { spawn } from "node:child_process";
import { sql, status, value } from "../support/inside.mjs";
import { binary, startServer, until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";

const VIEW = "views/accounts/login.html";
const view = (words) => `<%@ layout public %>\n<h1>${words}</h1>\n`;
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

// Both rows of a change in one transaction, as kit.published writes them.
async function publish(server, path, content, base = 0) {
  const file = content === null ? "NULL" : `convert_to(${quoted(content)}, 'UTF8')`;
  const id = await value(server, `WITH c AS (INSERT INTO published_change (summary) VALUES ('проба') RETURNING id),
    f AS (INSERT INTO published_change_file SELECT id, '${path}', ${file}, ${base} FROM c) SELECT id FROM c`);
  const row = await until("the change is decided", async () => {
    const [found] = await sql(server, `SELECT state, file, line, reason FROM published_change WHERE id = ${id}`);
    return ["accepted", "refused"].includes(found[0]) && found;
  }, 30000);
  return { id, state: row[0], file: row[1], line: row[2], reason: row[3] };
}

const page = async (server) => (await fetch(`${server.url}/login`)).text();

async function accepted(server) {
  const before = (await status(server)).generation;
  const change = await publish(server, VIEW, view("опубликовано-1"));
  equal(change.state, "accepted", `verdict (${change.reason})`);
  await until("it is served", async () => (await page(server)).includes("опубликовано-1"), 5000);
  truth((await status(server)).generation > before, "the generation has not moved");
  return change;
}

async function refused(server, version) {
  const broken = await publish(server, VIEW, "<%@ layout public %>\n<h1>сломано</h1>\n<% if true then %>", version);
  equal(broken.state, "refused", "verdict");
  equal(broken.file, `published/${VIEW}`, "file");
  truth(Number(broken.line) >= 3, `line ${broken.line}`);
  truth((await page(server)).includes("опубликовано-1"), "the old one does not serve");
  const next = await publish(server, "assets/probe.css", "b{}");
  equal(next.state, "accepted", "the next change after a refused one");
  await until("the published asset is served by all", async () => (await (await fetch(`${server.url}/a/probe.css`)).text()) === "b{}", 10000);
}

async function withdrawn(server, version) {
  const change = await publish(server, VIEW, null, version);
  equal(change.state, "accepted", "verdict");
  await until("the product's own page is back", async () => (await page(server)).includes("Войти"), 5000);
}

async function bareReload(server) {
  const before = (await status(server)).generation;
  const id = await value(server, "INSERT INTO published_change (summary) VALUES ('Перезагрузка') RETURNING id");
  await until("it is accepted", async () => (await value(server, `SELECT state FROM published_change WHERE id = ${id}`)) === "accepted");
  truth((await status(server)).generation > before, "the generation has not moved");
}

// Somebody upgraded the product, and what was published before does not fit it any more.
async function startsWithout(server) {
  await publish(server, VIEW, view("опубликовано-2"));
  await sql(server, `UPDATE published_file SET content = '<% if then' WHERE path = '${VIEW}'`);
  server.child.kill("SIGTERM");
  await until("the server ends", () => server.exited, 20000);
  const again = spawn(binary, ["serve"], { env: { ...process.env, COPP_DATA_DIR: server.data, COPP_LISTEN: `127.0.0.1:${server.port}`, COPP_WORKERS: "2" },
    stdio: ["ignore", "ignore", "ignore"] });
  let ended = null;
  again.once("exit", (code) => (ended = code));
  try {
    await until("it serves", async () => ended === null && (await fetch(`${server.url}/readyz`)).status === 200, 30000);
    truth((await page(server)).includes("Войти"), "the product's own page");
    await until("the reason is kept", async () =>
      (await value(server, "SELECT file FROM published_change WHERE state = 'refused' ORDER BY id DESC LIMIT 1")) === `published/${VIEW}`, 10000);
    const base = await value(server, `SELECT version FROM published_file WHERE path = '${VIEW}'`);
    equal((await publish(server, VIEW, view("опубликовано-3"), base)).state, "accepted", "a repaired file");
    await until("it is served", async () => (await page(server)).includes("опубликовано-3"), 5000);
  } finally {
    again.kill("SIGTERM");
    await until("the second one ends", () => ended !== null, 20000);
  }
}

export async function run(tap) {
  const server = await startServer({ demo: false });
  let first;
  try {
    await tap.test("a published view is served by all workers", async () => { first = await accepted(server); });
    await tap.test("a broken one is refused with file and line, the old one serves, the next one is taken", () => refused(server, first.id));
    await tap.test("a withdrawn one gives way to the product's", () => withdrawn(server, first.id));
    await tap.test("a change without files reloads", () => bareReload(server));
    await tap.test("what does not load any more does not stop the start", () => startsWithout(server));
  } finally {
    await server.stop();
  }
}
