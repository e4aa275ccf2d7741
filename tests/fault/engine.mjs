// The engine is killed and stalled while dispatchers ask: answers stay right, PostgreSQL gives them meanwhile.
import { sql, value, worker } from "../support/inside.mjs";
import { startServer, until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";
import net from "node:net";
import path from "node:path";
import { Client } from "../support/client.mjs";

async function signIn(server, email) {
  const client = new Client(server.url, server.logins.get(email));
  await client.bearer();
  return {
    async post(to, json) {
      const began = performance.now();
      const answer = await client.api("POST", to, json);
      return { status: answer.status, body: answer.json, ms: performance.now() - began };
    },
  };
}

const replaced = (server, old) => until("another engine in its place", async () => {
  const now = await worker(server, "engine-1");
  return now.pid !== 0 && now.pid !== old.pid && now.ready;
}, 10000);

async function counts(server) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const of = (name) => Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { ready: of('copp_engine_ready\\{stream="[a-z]+"\\}'), answered: of('copp_engine_questions_total\\{outcome="answered"\\}') };
}

// One dispatcher: makes a lesson, asks about its place (taken), cancels it, asks again (free). Every answer is known beforehand.
async function plan(dispatcher, place, tally) {
  const made = await dispatcher.post("/api/v1/lessons", place);
  if (made.status !== 201) throw new Error(`${made.status} ${JSON.stringify(made.body)}`);
  for (let i = 0; i < 3; i++) {
    const taken = await dispatcher.post("/api/v1/lessons/check", place);
    truth(taken.body.conflicts.some((c) => c.lesson_id === made.body.id && c.rule === "H2"), `the place is taken: ${JSON.stringify(taken.body)}`);
    tally.asked++;
    tally.slowest = Math.max(tally.slowest, taken.ms);
  }
  await dispatcher.post(`/api/v1/lessons/${made.body.id}/transitions`, { action: "cancel", reason: "Проверка" });
  const free = await dispatcher.post("/api/v1/lessons/check", place);
  equal(free.body.conflicts.filter((c) => !c.overridable), [], "the place is free again");
  tally.asked++;
}

async function underLoad(server, places, disturb) {
  const dispatcher = await signIn(server, "staff@demo.copp");
  const tally = { asked: 0, slowest: 0 };
  let isOver = false;
  const load = Promise.all(places.map(async (place) => { while (!isOver) await plan(dispatcher, place, tally); }));
  await until("dispatchers are at work", () => tally.asked > 40);
  await disturb();
  const before = tally.asked;
  await Promise.race([load, until("they go on", () => tally.asked > before + 40)]);
  isOver = true;
  await load;
  return tally;
}

async function freePlaces(server, count) {
  const [[group, zone]] = await sql(server, `SELECT g.id, s.zone FROM study_group g JOIN site s ON s.id = g.site_id WHERE g.state = 'studying' ORDER BY g.id LIMIT 1`);
  const [[room]] = await sql(server, "SELECT r.id FROM room r JOIN resource x ON x.id = r.id AND x.exclusive WHERE r.state = 'active' ORDER BY r.id LIMIT 1");
  truth(zone, "a group that studies");
  const day = await value(server, "SELECT current_date + 700");
  return Array.from({ length: count }, (_, i) => ({
    group_id: group, room_ids: [room], teacher_ids: [], held_on: day, starts: `${String(8 + i * 2).padStart(2, "0")}:00`, minutes: 60,
    kind: "lecture", mode: "offline", override_reason: "Проверка", equipment: [],
  }));
}

// Questions and answers over the engine's socket, in order.
function askAll(server, questions) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path.join(server.data, "run/engine.sock"));
    const answers = [];
    let text = "", sent = 0;
    const send = () => { while (sent < questions.length && sent - answers.length < 100) socket.write(`${sent} ${JSON.stringify(questions[sent++])}\n`); };
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      const lines = (text + chunk).split("\n");
      text = lines.pop();
      for (const line of lines) answers.push(JSON.parse(line.slice(line.indexOf(" ") + 1)));
      if (answers.length < questions.length) return send();
      socket.destroy();
      resolve(answers);
    });
    send();
  });
}

// Places near lessons that are there, for any group, teacher and room; what clashes is told by the bookings themselves.
const PROPOSALS = `
WITH l AS (SELECT row_number() OVER (ORDER BY random()) AS n, held_on, starts, zone FROM lesson WHERE state <> 'cancelled'),
near AS (SELECT i, l.held_on, (l.starts + make_interval(mins => 15 * (i % 9 - 4)))::time AS starts, l.zone FROM generate_series(1, COUNT) i
  JOIN l ON l.n = 1 + i % (SELECT count(*) FROM l)),
p AS (SELECT near.*, g.id AS group_id, (SELECT s.id FROM subgroup s WHERE s.group_id = g.id AND i % 3 = 0 ORDER BY s.id LIMIT 1) AS subgroup_id, c.id AS card, r.id AS room,
    (held_on + starts) AT TIME ZONE zone AS from_at
  FROM near
  CROSS JOIN LATERAL (SELECT id FROM study_group ORDER BY md5(i::text || id) LIMIT 1) g
  CROSS JOIN LATERAL (SELECT id FROM staff_resource ORDER BY md5(i::text || id) LIMIT 1) c
  CROSS JOIN LATERAL (SELECT r.id FROM room r JOIN resource x ON x.id = r.id AND x.exclusive ORDER BY md5(i::text || r.id) LIMIT 1) r),
wanted AS (
  SELECT i, 3 AS rule, g.resource_id FROM p JOIN study_group g ON g.id = p.group_id WHERE p.subgroup_id IS NULL
  UNION SELECT i, 3, s.resource_id FROM p JOIN subgroup s ON s.group_id = p.group_id AND (p.subgroup_id IS NULL OR s.id = p.subgroup_id)
  UNION SELECT i, 1, q.resource_id FROM p JOIN staff_resource c ON c.id = p.card JOIN person q ON q.id = c.person_id
  UNION SELECT i, 2, room FROM p
  UNION SELECT i, 3, q.resource_id FROM p JOIN enrollment e ON e.group_id = p.group_id AND e.state NOT IN ('expelled', 'transferred', 'graduated')
    AND (p.subgroup_id IS NULL OR e.subgroup_id IS NULL OR e.subgroup_id = p.subgroup_id) JOIN person q ON q.id = e.person_id),
clash AS (SELECT w.i, string_agg(DISTINCT w.rule || ':' || coalesce('l' || b.lesson_id, 'b' || b.id), ' ' ORDER BY w.rule || ':' || coalesce('l' || b.lesson_id, 'b' || b.id)) AS names
  FROM wanted w JOIN p USING (i) JOIN booking b ON b.resource_id = w.resource_id AND b.exclusive AND b.state IN ('confirmed', 'in_use', 'finished')
    AND b.during && tstzrange(p.from_at, p.from_at + interval '90 minutes') GROUP BY w.i)
SELECT p.i, p.group_id, coalesce(p.subgroup_id, 0), p.card, p.room, p.held_on - date '1970-01-01', (extract(epoch FROM p.starts) / 60)::int, p.zone, coalesce(c.names, '')
FROM p LEFT JOIN clash c USING (i) ORDER BY p.i`;

async function compared(server, count) {
  const rows = await sql(server, PROPOSALS.replace("COUNT", String(count)));
  const answers = await askAll(server, rows.map((r) => ({ op: "check", zone: r[7], minutes: 90, group: Number(r[1]), subgroup: Number(r[2]), staff: [Number(r[3])],
    rooms: [Number(r[4])], at: [Number(r[5]), Number(r[6])] })));
  const different = [];
  let busy = 0;
  rows.forEach((row, i) => {
    const hits = (answers[i].cells?.[0] ?? []).filter((hit) => hit[0] <= 3).map((hit) => `${hit[0]}:${hit[3] ? `l${hit[3]}` : `b${hit[4]}`}`);
    const names = [...new Set(hits)].sort().join(" ");
    if (names !== "") busy++;
    if (answers[i].error || names !== (row[8] ?? "").split(" ").sort().join(" ")) different.push([row, answers[i]]);
  });
  console.log(`# ${rows.length} questions, ${busy} with a clash, ${different.length} different`);
  equal(different.slice(0, 3), [], "answers that differ");
  truth(busy > count / 20, `only ${busy} of ${count} clash`);
}

export async function run(tap) {
  const server = await startServer();
  try {
    await until("the engine is ready", async () => (await counts(server)).ready === 1);
    await tap.test("the engine finds what the bookings of the demo region say", () => compared(server, 3000));
    const places = await freePlaces(server, 4);
    await tap.test("killed three times under load, the engine comes back and no answer is wrong", async () => {
      const tally = await underLoad(server, places, async () => {
        for (let i = 0; i < 3; i++) {
          const victim = await worker(server, "engine-1");
          process.kill(victim.pid, "SIGKILL");
          await replaced(server, victim);
          await until("the engine is ready", async () => (await counts(server)).ready === 1);
          await until("the engine answers again", async () => (await counts(server)).answered > 3);
        }
      });
      console.log(`# ${tally.asked} answers, the slowest after ${tally.slowest.toFixed(0)} ms`);
    });
    await tap.test("a stalled engine costs a question fifty milliseconds, then PostgreSQL answers", async () => {
      const victim = await worker(server, "engine-1");
      const tally = await underLoad(server, places.slice(0, 1), async () => {
        process.kill(victim.pid, "SIGSTOP");
        await new Promise((resolve) => setTimeout(resolve, 1000));
      });
      process.kill(victim.pid, "SIGKILL");
      console.log(`# ${tally.asked} answers, the slowest after ${tally.slowest.toFixed(0)} ms`);
      truth(tally.slowest < 1000, `an answer took ${tally.slowest} ms`);
      await replaced(server, victim);
    });
    await tap.test("after all that it still is what the bookings say", () => compared(server, 1000));
  } finally {
    await server.stop();
  }
}
