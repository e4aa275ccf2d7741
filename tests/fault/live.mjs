// Answers that stay open: news reaches every worker, and nothing is left open that should not be.
import { Client } from "../support/client.mjs";
import { sql } from "../support/inside.mjs";
import { startServer, until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";

// One open stream; text grows as it comes.
async function listen(client) {
  const answer = await fetch(`${client.url}/dev/events`, { headers: { cookie: client.cookieHeader() } });
  const stream = { status: answer.status, type: answer.headers.get("content-type"), text: "", ended: null };
  (async () => {
    try {
      for await (const part of answer.body) stream.text += Buffer.from(part).toString();
      stream.ended = "whole";
    } catch {
      stream.ended = "torn";
    }
  })();
  await until("the stream begins", () => stream.text.includes("event: begin"));
  return stream;
}

async function entered(server) {
  const client = new Client(server.url, server.logins.get("learner@demo.copp"));
  await client.enter();
  return client;
}

const notify = (server, text) => sql(server, `SELECT pg_notify('copp', '{"topic":"dev","data":{"text":"${text}"}}')`);

async function news(server) {
  const client = await entered(server);
  const streams = await Promise.all(Array.from({ length: 8 }, () => listen(client)));
  equal([streams[0].status, streams[0].type], [200, "text/event-stream"], "answer");
  truth(streams.every((s) => /retry: \d+/.test(s.text) && s.text.includes('{"user":"learner@demo.copp"}')), streams[0].text);
  await notify(server, "новость");
  await until("all streams have the news", () => streams.every((s) => s.text.includes('event: dev\ndata: {"text":"новость"}\n\n')));
  return { client, streams };
}

async function ends(server) {
  const { client, streams } = await news(server);
  const other = await entered(server), stays = await listen(other);
  await client.page("GET", "/cabinet"); // the CSRF token of this session
  equal((await client.page("POST", "/logout", {})).status, 303, "logout");
  await until("the streams of the session end", () => streams.every((s) => s.ended === "whole"), 3000);
  await notify(server, "дальше");
  await until("another session goes on", () => stays.text.includes("дальше"));
  await sql(server, "UPDATE session SET revoked_at = now()");
  await until("a session that SQL revoked ends", () => stays.ended === "whole", 3000);
}

async function stop(server) {
  const stream = await listen(await entered(server));
  const began = Date.now();
  const exit = await server.stop();
  equal(exit.code, 0, "exit code");
  equal(stream.ended, "whole", "the stream at the stop");
  truth(Date.now() - began < 6000, `the stop took ${Date.now() - began} ms`);
}

export async function run(tap) {
  const server = await startServer({ env: { COPP_DEV: "1" } });
  try {
    await tap.test("news reaches open pages in every worker", () => news(server));
    await tap.test("an open page ends with its session, at once", () => ends(server));
    await tap.test("open pages do not hold up a stop", () => stop(server));
  } finally {
    await server.stop();
  }
}
