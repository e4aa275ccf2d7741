// Uploads that break off, and uploads without room for them.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { Client } from "../support/client.mjs";
import { sql, value } from "../support/inside.mjs";
import { startServer, until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";

const MIB = 1024 * 1024;
const spool = (server) => path.join(server.data, "tmp");
const left = (server) => readdirSync(spool(server));

function form(bytes, boundary) {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="паспорт.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\n`;
  return Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, 0x61), Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

async function draft(server, learner) {
  const intake_id = Number(await value(server, `SELECT i.id FROM intake i JOIN program p ON p.id = i.program_id
    WHERE i.state = 'open' AND p.state = 'published' AND current_date BETWEEN i.opens_on AND i.closes_on
      AND NOT EXISTS (SELECT FROM application a JOIN person x ON x.id = a.person_id JOIN user_account u ON u.id = x.user_id
                      WHERE a.intake_id = i.id AND u.email = 'learner@demo.copp') ORDER BY i.id LIMIT 1`));
  const answer = await learner.api("POST", "/api/v1/applications", { intake_id });
  equal(answer.status, 201, `draft: ${answer.text.slice(0, 300)}`);
  return `/api/v1/applications/${answer.json.id}/documents`;
}

async function upload(learner, target, bytes) {
  const boundary = "copp-test-boundary";
  return learner.raw("POST", target, {
    headers: { authorization: `Bearer ${learner.token}`, "content-type": `multipart/form-data; boundary=${boundary}` },
    body: form(bytes, boundary),
  });
}

// Sends part of an upload, waits until it lies on the disk, and is gone.
async function cut(server, learner, target, reset) {
  const boundary = "copp-test-boundary";
  const body = form(5 * MIB, boundary);
  const socket = net.connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`POST ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${learner.token}\r\n` +
    `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body.subarray(0, 2 * MIB));
  await until("the upload lies in the temporary directory", () => left(server).length > 0, 10000);
  if (reset) socket.resetAndDestroy();
  else socket.destroy();
  await until("the temporary file is gone", () => left(server).length === 0, 5000);
}

async function fullDisk(server, learner, target) {
  const dir = spool(server);
  const [uid, gid] = execFileSync("stat", ["-c", "%u %g", dir], { encoding: "utf8" }).trim().split(" ");
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=1m,mode=0755,uid=${uid},gid=${gid}`, "tmpfs", dir]);
  try {
    const refused = await upload(learner, target, 4 * MIB);
    truth([503, 507].includes(refused.status), `a full disk answers ${refused.status}: ${refused.text.slice(0, 300)}`);
    await until("nothing is left on the full disk", () => left(server).length === 0, 5000);
    for (const page of ["/login", "/programs", "/api/v1/programs", "/readyz"]) {
      equal((await fetch(server.url + page)).status, 200, `${page} beside a full disk`);
    }
  } finally {
    execFileSync("umount", [dir]);
  }
  const stored = await upload(learner, target, 100 * 1024);
  equal(stored.status, 201, `with room again: ${stored.text.slice(0, 300)}`);
}

export async function run(tap) {
  const server = await startServer();
  try {
    const learner = new Client(server.url, server.logins.get("learner@demo.copp"));
    await learner.bearer();
    const target = await draft(server, learner);
    for (const reset of [false, true]) {
      await tap.test(`a client that ${reset ? "resets" : "closes"} the connection in the middle of an upload leaves no file`, async () => {
        await cut(server, learner, target, reset);
        equal((await learner.api("GET", "/api/v1/me")).status, 200, "the next request");
      });
    }
    const name = "without room for uploads they are refused, nothing is left, and all other pages work";
    if (process.getuid() !== 0) tap.skip(name, "only root mounts a small disk");
    else {
      try {
        execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"], { stdio: "pipe" });
        await tap.test(name, () => fullDisk(server, learner, target));
      } catch (error) {
        tap.skip(name, `mounting is not permitted here: ${String(error.message).split("\n")[0]}`);
      }
    }
    await tap.test("a failed upload leaves no document behind", async () => {
      const states = (await sql(server, "SELECT count(*) FROM application_document d WHERE d.file_id IS NULL AND d.state <> 'asked'")).flat();
      equal(states, ["0"], "documents without a file");
    });
  } finally {
    const exit = await server.stop();
    tap.ok(exit.code === 0, "after that the server stops cleanly", JSON.stringify(exit));
  }
}
