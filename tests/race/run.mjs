// Races through the HTTP API. A winner and losers are counted by their answers and, apart from them, in the database.
// The last test takes the guarantees out of the database and must see the same attempts go wrong.
import { OVERLAPS, bookingRace, bookingRaceWithoutGuarantee } from "./booking.mjs";
import { rightsRace } from "./rights.mjs";
import { rulesRace } from "./rules.mjs";
import { Client } from "../support/client.mjs";
import { sql, value } from "../support/inside.mjs";
import { startServer } from "../support/server.mjs";
import { Tap, equal, truth } from "../support/tap.mjs";

const CLIENTS = 16;
const SLOTS = 12; // of rooms, and as many of teachers
const CLERKS = 50;

const tap = new Tap();
const server = await startServer();
const login = (name) => server.logins.get(`${name}@demo.copp`);
const staff = new Client(server.url, login("staff"));
const director = new Client(server.url, login("director"));
const learner = new Client(server.url, login("learner"));

function tally(answers) {
  const counts = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function day(offset) {
  const date = new Date(Date.now() + offset * 86400_000);
  return date.toISOString().slice(0, 10);
}

async function must(answer, status) {
  const got = await answer;
  truth(got.status === status, `expected ${status}, got ${got.status}: ${got.text.slice(0, 400)}`);
  return got.json;
}

// One lesson a client: own group, the disputed place and time.
async function dispute({ held_on, starts, groups, room_ids, teacher_ids }) {
  return Promise.all(groups.map((group_id, i) => staff.api("POST", "/api/v1/lessons", {
    group_id, kind: "lecture", mode: "offline", held_on, starts, minutes: 90, override_reason: "Проверка гонки",
    room_ids: [room_ids[i % room_ids.length]], teacher_ids: teacher_ids.length > 0 ? [teacher_ids[i % teacher_ids.length]] : [],
  })));
}

async function disputes(firstDay) {
  const groups = (await sql(server, `SELECT id FROM study_group WHERE state IN ('planned', 'recruiting', 'formed', 'studying') ORDER BY id`)).flat();
  const rooms = (await sql(server, `SELECT id FROM room WHERE state = 'active' ORDER BY id LIMIT ${CLIENTS + 1}`)).flat();
  const teachers = (await sql(server, `SELECT id FROM staff_resource WHERE state = 'active' ORDER BY id LIMIT ${SLOTS}`)).flat();
  truth(groups.length >= CLIENTS && rooms.length > CLIENTS && teachers.length === SLOTS, "the demo is too small for this race");
  const outcomes = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = { held_on: day(firstDay + slot), groups: groups.slice(0, CLIENTS) };
    const one = { ...at, starts: "10:00", room_ids: [rooms[0]], teacher_ids: [] };
    outcomes.push({ what: `room, ${at.held_on}`, answers: await dispute(one) });
    const other = { ...at, starts: "14:00", room_ids: rooms.slice(1), teacher_ids: [teachers[slot]] };
    outcomes.push({ what: `teacher, ${at.held_on}`, answers: await dispute(other) });
  }
  return outcomes;
}

await staff.bearer();
await director.bearer();
await learner.bearer();

await tap.test(`${CLIENTS} clients book the same ${SLOTS} rooms and ${SLOTS} teachers: one wins each, the others learn who is there`, async () => {
  for (const { what, answers } of await disputes(200)) {
    equal(tally(answers), { 201: 1, 409: CLIENTS - 1 }, what);
    for (const { status, json } of answers) {
      if (status !== 409) continue;
      equal(json.code, "lesson_conflict", `${what}: code`);
      truth(json.conflicts.length > 0 && json.conflicts[0].text, `${what}: a loser learns nothing: ${JSON.stringify(json)}`);
    }
  }
});

await tap.test("no booking in the database overlaps another", async () => equal(await value(server, OVERLAPS), "0"));

// Approved applications on one intake, by SQL: fifty citizens would take minutes to register.
async function groupOfOne() {
  const [intake, program, organization, site] = (await sql(server, `SELECT i.id, i.program_id, i.deliverer_id, s.id
    FROM intake i JOIN site s ON s.organization_id = i.deliverer_id WHERE i.state = 'open' ORDER BY i.id, s.id LIMIT 1`))[0];
  const ids = (await sql(server, `INSERT INTO application (person_id, program_id, intake_id, organization_id, state, submitted_at)
    SELECT p.id, ${program}, ${intake}, ${organization}, 'approved', now() FROM person p
    WHERE NOT EXISTS (SELECT FROM application a WHERE a.person_id = p.id AND a.intake_id = ${intake})
      AND NOT EXISTS (SELECT FROM enrollment e WHERE e.person_id = p.id)
    ORDER BY p.id LIMIT ${CLERKS} RETURNING public_id`)).flat();
  equal(ids.length, CLERKS, "approved applications");
  const group = await must(staff.api("POST", "/api/v1/groups", {
    intake_id: intake, code: "ГОНКА-1", site_id: site, starts_on: day(30), ends_on: day(60), capacity_min: 1, capacity_max: 1,
  }), 201);
  await must(staff.api("POST", `/api/v1/groups/${group.id}/transitions`, { action: "open" }), 200);
  return { group, ids };
}

async function signedOrder(group, application) {
  const order = await must(staff.api("POST", "/api/v1/orders", { kind: "enroll", group_id: group.id, application_ids: [application] }), 201);
  await must(staff.api("POST", `/api/v1/orders/${order.id}/transitions`, { action: "send" }), 200);
  await must(director.api("POST", `/api/v1/orders/${order.id}/transitions`, { action: "sign" }), 200);
  return order.id;
}

await tap.test(`${CLERKS} clerks enrol into a group with one place: one order takes effect, the others are told there are no seats`, async () => {
  const { group, ids } = await groupOfOne();
  const orders = [];
  for (const id of ids) orders.push(await signedOrder(group, id));
  const answers = await Promise.all(orders.map((id) =>
    staff.api("POST", `/api/v1/orders/${id}/transitions`, { action: "register" })));
  const other = answers.find((a) => a.status !== 200 && a.status !== 409);
  equal(tally(answers), { 200: 1, 409: CLERKS - 1 }, other ? other.text.slice(0, 400) : "answers");
  for (const { status, json } of answers) if (status === 409) equal(json.code, "no_seats", "code of a loser");
  const rows = await sql(server, `SELECT seats_taken, (SELECT count(*) FROM enrollment e WHERE e.group_id = g.id),
    (SELECT count(*) FROM order_doc o WHERE o.group_id = g.id AND o.state = 'registered') FROM study_group g WHERE id = ${group.id}`);
  equal(rows[0], ["1", "1", "1"], "seats, enrolments, registered orders");
});

async function freeIntake() {
  const free = `SELECT i.id FROM intake i JOIN program p ON p.id = i.program_id WHERE i.state = 'open'
    AND current_date BETWEEN i.opens_on AND i.closes_on AND p.state = 'published'
    AND NOT EXISTS (SELECT FROM application a JOIN person x ON x.id = a.person_id JOIN user_account u ON u.id = x.user_id
                    WHERE a.intake_id = i.id AND u.email = 'learner@demo.copp') ORDER BY i.id LIMIT 1`;
  return Number(await value(server, free));
}

const countOf = (intake, where) => value(server, `SELECT count(*) FROM application a JOIN person x ON x.id = a.person_id
  JOIN user_account u ON u.id = x.user_id WHERE u.email = 'learner@demo.copp' AND a.intake_id = ${intake} AND ${where}`);

await tap.test("a submit sent eight times at once under one Idempotency-Key makes one application", async () => {
  const intake_id = await freeIntake();
  const body = { intake_id, consent: true, comment: "Одна" };
  const headers = { "idempotency-key": `race-${Date.now()}` };
  const answers = await Promise.all(Array.from({ length: 8 }, () => learner.api("POST", "/api/v1/applications", body, headers)));
  const made = answers.filter((a) => a.status === 201);
  const first = made.filter((a) => a.headers.get("idempotency-replayed") !== "true");
  equal(first.length, 1, `answers made anew; all: ${JSON.stringify(tally(answers))}, ${answers[0].text.slice(0, 300)}`);
  for (const a of made) equal(a.json.id, first[0].json.id, "id of a replay");
  for (const a of answers) truth(a.status === 201 || (a.status === 409 && a.json.code === "in_progress"), `${a.status} ${a.text}`);
  equal(await countOf(intake_id, "true"), "1", "applications in the database");
  const replay = await learner.api("POST", "/api/v1/applications", body, headers);
  equal([replay.status, replay.headers.get("idempotency-replayed"), replay.json?.id], [201, "true", first[0].json.id], "a later resend");
  const changed = await learner.api("POST", "/api/v1/applications", { ...body, comment: "Другая" }, headers);
  equal([changed.status, changed.json?.code], [422, "idempotency_mismatch"], "another body under the key");
});

await tap.test("two submits at once without a key leave one active application, the loser is told which", async () => {
  for (let round = 0; round < 5; round++) {
    const intake_id = await freeIntake();
    const submit = () => learner.api("POST", "/api/v1/applications", { intake_id, consent: true, submit: true });
    const answers = await Promise.all([submit(), submit()]);
    const won = answers.filter((a) => a.status === 201), lost = answers.filter((a) => a.status !== 201);
    equal([won.length, lost.length], [1, 1], answers.map((a) => `${a.status} ${a.text.slice(0, 300)}`).join("\n"));
    truth([409, 422].includes(lost[0].status) && lost[0].json.code === "already_active", `${lost[0].status} ${lost[0].text}`);
    equal(await countOf(intake_id, "a.state NOT IN ('draft', 'withdrawn', 'rejected')"), "1", "active applications");
    equal(await countOf(intake_id, "a.state = 'draft'"), "0", "drafts left by the loser");
  }
});

// Eight people with accounts of their own, made by SQL: registering them by letters is no part of the race.
async function newcomers(count) {
  const { password } = login("learner");
  return Promise.all(Array.from({ length: count }, async (_, i) => {
    const email = `newcomer${i}@race.example`;
    await sql(server, `INSERT INTO user_account (email, state, password_hash)
      SELECT '${email}', 'active', password_hash FROM user_account WHERE email = 'learner@demo.copp'`);
    const client = new Client(server.url, { email, password });
    await client.bearer();
    return client;
  }));
}

await tap.test("eight people register an employer with the same numbers at once: one organisation, the others are told whose door to knock at", async () => {
  const people = await newcomers(8);
  for (const [kind, inn, kpp] of [["company", "7707083893", "770701001"], ["branch", "7707083893", "540602001"]]) {
    const answers = await Promise.all(people.map((client) => client.api("POST", "/api/v1/organizations/register", {
      role: "customer", inn, kpp, ogrn: "1027700132195", full_name: "ООО Гонка", short_name: "Гонка",
    })));
    const other = answers.find((a) => a.status !== 201 && a.status !== 422);
    equal(tally(answers), { 201: 1, 422: 7 }, other ? `${kind}: ${other.text.slice(0, 400)}` : kind);
    const { id } = answers.find((a) => a.status === 201).json;
    for (const { status, json } of answers) {
      if (status === 422) equal([json.errors[0].field, json.errors[0].code, json.organization_id], ["inn", "already_registered", id], "a loser");
    }
    equal(await value(server, `SELECT count(*) FROM organization WHERE inn = '${inn}' AND kpp = '${kpp}'`), "1", "organisations");
    equal(await value(server, `SELECT count(*) FROM org_claim WHERE organization_id = ${id}`), "1", "claims");
  }
});

// A second administrator, by invitation; his own client.
async function secondAdmin(admin, round) {
  const email = `admin${round}@race.example`;
  const made = await must(admin.api("POST", "/api/v1/users", { email, last_name: "Второй", first_name: "Админ", role: "admin" }), 201);
  await sql(server, `UPDATE user_account SET state = 'active', password_hash = (SELECT password_hash FROM user_account WHERE email = 'admin@demo.copp') WHERE email = '${email}'`);
  return { id: made.id, grant: made.grants[0].id, client: new Client(server.url, { email, password: login("admin").password }) };
}

await tap.test("two administrators who remove each other at once: one stays", async () => {
  let keeper = { client: new Client(server.url, login("admin")) };
  keeper.id = (await must(keeper.client.api("GET", "/api/v1/users?q=admin@demo.copp"), 200)).items[0].id;
  keeper.grant = (await must(keeper.client.api("GET", `/api/v1/users/${keeper.id}`), 200)).grants[0].id;
  for (let round = 0; round < 4; round++) {
    const other = await secondAdmin(keeper.client, round);
    await other.client.bearer();
    const end = (by, whom) => by.client.api("POST", `/api/v1/users/${whom.id}/${round % 2 ? "block" : `grants/${whom.grant}/end`}`, { reason: "Гонка" });
    const answers = await Promise.all([end(keeper, other), end(other, keeper)]);
    const codes = answers.map((a) => a.status).sort();
    truth(codes.filter((c) => c === 200).length === 1, `round ${round}: ${answers.map((a) => `${a.status} ${a.text.slice(0, 200)}`).join("\n")}`);
    const left = await value(server, `SELECT count(*) FROM role_grant g JOIN user_account u ON u.id = g.user_id
      WHERE g.role = 'admin' AND g.valid_to IS NULL AND u.state IN ('active', 'locked')`);
    equal(left, "1", "administrators left");
    if (answers[1].status === 200) keeper = other;
  }
});

await tap.test("by hand in the database the last administrator cannot go either, at any isolation", async () => {
  for (const isolation of ["READ COMMITTED", "REPEATABLE READ"]) {
    for (const act of ["UPDATE user_account SET state = 'blocked' WHERE email LIKE 'admin%'", "DELETE FROM role_grant WHERE role = 'admin'",
      "UPDATE role_grant SET valid_to = greatest(valid_from, current_date) WHERE role = 'admin'", "UPDATE access_role SET manages_users = false WHERE code = 'admin'"]) {
      let refused = "";
      try { await sql(server, `BEGIN ISOLATION LEVEL ${isolation}; ${act}; COMMIT;`); } catch (error) { refused = String(error.stderr ?? error); }
      truth(/last administrator/.test(refused), `${isolation}: ${act}: ${refused.slice(0, 300)}`);
    }
  }
});

await tap.test("a table added later moves with a person who is merged", async () => {
  await sql(server, "CREATE TABLE later_thing (id int PRIMARY KEY, owner_id bigint REFERENCES person, UNIQUE (owner_id, id))");
  const [[one, two]] = await sql(server, `SELECT a.id, b.id FROM person a JOIN person b ON b.id > a.id AND b.user_id IS NULL AND a.snils IS NULL = false
    WHERE a.merged_into IS NULL AND b.merged_into IS NULL AND b.snils IS NULL LIMIT 1`).then((rows) => (rows.length ? rows : sql(server, `WITH made AS
    (INSERT INTO person (last_name, first_name) VALUES ('Дубль', 'Иван'), ('Дубль', 'Иван') RETURNING id) SELECT min(id), max(id) FROM made`)));
  await sql(server, `INSERT INTO later_thing VALUES (1, ${two})`);
  const moves = await sql(server, `SELECT table_name, moved FROM merge_person(${two}, ${one})`);
  truth(moves.some(([table, moved]) => table === "later_thing" && moved === "1"), JSON.stringify(moves));
  equal(await value(server, "SELECT owner_id FROM later_thing"), one, "owner");
  await sql(server, "DROP TABLE later_thing");
});

await rightsRace(tap, server, login("learner"));
await rulesRace(tap, server, login("admin"));
await bookingRace(tap, server, 800);

await tap.test("no race ended in a server error or a deadlock", () => {
  const bad = server.log().filter((l) => l.level === "error" || l.status >= 500 || /deadlock/.test(l.msg ?? ""));
  equal(bad.slice(0, 3), [], "log");
});

// Negative control: the same clients, the same questions.
await bookingRaceWithoutGuarantee(tap, server, 800);

const exit = await server.stop();
tap.ok(exit.code === 0, "the server stops cleanly", JSON.stringify(exit));
tap.end();
