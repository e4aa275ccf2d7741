// The peer of ./copp bench http: fastify with postgres.js and eta, in two processes, as its users
// would write it, without a log. It does what our handlers do: the same SQL, JSON of the same
// content, a page of the same size with session and CSRF token.
//
//   BENCH_PORT, BENCH_SOCKET (of PostgreSQL), BENCH_SQL (JSON of {row, list, session}), BENCH_PAGE_BYTES
import cluster from "node:cluster";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { Eta } from "eta";
import Fastify from "fastify";
import postgres from "postgres";

const PROCESSES = 2;
const MENU = ["Заявки", "Группы", "Расписание", "Журнал", "Приказы", "Организации", "Люди", "Отчёты"]
  .map((label, i) => ({ id: `m${i}`, label, href: `/cabinet/m${i}` }));

function connect() {
  const text = { parse: (value) => value, serialize: (value) => value };
  return postgres({
    path: process.env.BENCH_SOCKET, user: "bench", database: "copp", max: Number(process.env.BENCH_POOL ?? 2), // the best of 2, 4 and 10: postgres.js pipelines
    types: { date: { from: [1082], to: 1082, ...text }, timestamptz: { from: [1184], to: 1184, ...text } },
  });
}

// postgres.js prepares by the text of a tagged template; these texts never change.
function prepared(sql, text) {
  const strings = text.split(/\$\d+/);
  strings.raw = strings;
  return (...values) => sql(strings, ...values);
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

function csrfToken(token) {
  const salt = randomBytes(12).toString("base64url");
  return `${salt}.${createHmac("sha256", sha256(`csrf|${token}`)).update(salt).digest("hex")}`;
}

function makePage(bytes) {
  const eta = new Eta({ autoEscape: true });
  const compiled = eta.compile(readFileSync(new URL("page.eta", import.meta.url), "utf8"));
  const render = (data, filler) => compiled.call(eta, { ...data, filler, menu: MENU, nav: "m0", title: "Программы" });
  let filler = "";
  // The rest of a real layout, as static text: what our page has and this template has not.
  return (data) => {
    if (filler === "" && bytes > 0) {
      const missing = bytes - Buffer.byteLength(render(data, ""));
      filler = missing > 0 ? `<p>${"x".repeat(Math.max(0, missing - 7))}</p>` : "<p></p>";
    }
    return render(data, filler);
  };
}

function serve() {
  const sql = connect();
  const texts = JSON.parse(process.env.BENCH_SQL);
  const [row, list, session] = [texts.row, texts.list, texts.session].map((text) => prepared(sql, text));
  const page = makePage(Number(process.env.BENCH_PAGE_BYTES ?? 0));
  const app = Fastify({ logger: false });

  app.get("/dev/bench/plaintext", (request, reply) => reply.type("text/plain; charset=utf-8").send("Hello, World!"));
  app.get("/dev/bench/json", async (request) => {
    const id = Number(request.query.n);
    return { id, title: `Программа ${id}`, hours: 72, is_open: true, tags: ["a", "b", "c"] };
  });
  app.get("/dev/bench/row", async (request) => (await row(request.query.id))[0]);
  app.get("/dev/bench/list", async (request) => ({ items: await list(request.query.after) }));
  app.get("/dev/bench/page", async (request, reply) => {
    const token = /(?:^|;\s*)copp=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
    const [user] = await session(sha256(token), "web");
    if (!user) return reply.code(303).header("location", "/login").send();
    const items = await list(request.query.after);
    const role = user.grants?.[0]?.split("|")[1];
    reply.type("text/html; charset=utf-8");
    return page({ items, csrf: csrfToken(token), user: { name: user.name, role } });
  });
  app.listen({ host: "127.0.0.1", port: Number(process.env.BENCH_PORT) });
}

if (cluster.isPrimary) {
  for (let i = 0; i < PROCESSES; i++) cluster.fork();
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers)) worker.kill();
    process.exit(0);
  });
} else serve();
