// Races for rooms, people and counted equipment, straight at the database: some clients as the service does it (locks, a look,
// then the write), some without looking, and now and then one is killed in the middle. Locks come in ascending order from all:
// without that nothing is booked twice either, but each deadlock costs a second. What is left is counted from the bookings.
import { spawn } from "node:child_process";
import { control, sql, value } from "../support/inside.mjs";
import { until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";

export const OVERLAPS = `SELECT count(*) FROM booking a JOIN booking b ON a.resource_id = b.resource_id AND a.id < b.id
  AND a.during && b.during WHERE a.exclusive AND b.exclusive AND a.state IN ('confirmed', 'in_use', 'finished')
  AND b.state IN ('confirmed', 'in_use', 'finished')`;
// Five minutes in which more units are booked than there are, counted without the counters.
const OVER_CAPACITY = `SELECT count(*) FROM (
  SELECT b.resource_id, slot FROM booking b JOIN resource r ON r.id = b.resource_id AND NOT r.exclusive,
    generate_series(date_bin('5 minutes', lower(b.during), 'epoch'), upper(b.during) - interval '1 microsecond', interval '5 minutes') slot
  WHERE b.state IN ('confirmed', 'in_use', 'finished') GROUP BY b.resource_id, slot, r.capacity HAVING sum(b.qty) > r.capacity) over`;
const STRAY = `SELECT count(*) FROM lesson l WHERE l.topic = 'Гонка' AND l.state <> 'cancelled' AND NOT EXISTS
  (SELECT FROM booking b WHERE b.lesson_id = l.id AND b.during = l.during)`;

// Three groups, three rooms, three teachers and twelve posts for everybody; places a quarter of an hour apart overlap in part.
const SCHEMA = `
CREATE TABLE race_hot AS SELECT
  (SELECT array_agg(id) FROM (SELECT id FROM study_group WHERE state IN ('planned', 'recruiting', 'formed', 'studying') ORDER BY id LIMIT 6) g) AS groups,
  (SELECT array_agg(id) FROM (SELECT r.id FROM room r JOIN resource x ON x.id = r.id AND x.exclusive WHERE r.state = 'active' ORDER BY r.id LIMIT 3) r) AS rooms,
  (SELECT array_agg(id) FROM (SELECT id FROM staff_resource WHERE state = 'active' ORDER BY id LIMIT 3) t) AS teachers,
  (SELECT e.id FROM equipment e JOIN resource r ON r.id = e.id AND NOT r.exclusive ORDER BY r.capacity DESC, e.id LIMIT 1) AS thing;
CREATE FUNCTION race_pick(list bigint[]) RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT list[1 + floor(random() * cardinality(list))::int] $$;

CREATE FUNCTION race_lock(resources bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(r) FROM (SELECT r FROM unnest(resources) r WHERE r IS NOT NULL ORDER BY r OFFSET 0) ordered;
END $$;

-- What the service asks before it writes.
CREATE FUNCTION race_is_busy(resources bigint[], asked tstzrange, own bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  one bigint;
BEGIN
  FOREACH one IN ARRAY resources LOOP
    IF EXISTS (SELECT FROM booking WHERE resource_id = one AND during && asked AND exclusive AND lesson_id IS DISTINCT FROM own
               AND state IN ('confirmed', 'in_use', 'finished')) THEN RETURN true; END IF;
    IF EXISTS (SELECT FROM slot_use WHERE resource_id = one AND slot >= date_bin('5 minutes', lower(asked), 'epoch') AND slot < upper(asked)
               AND used + 5 > (SELECT capacity FROM resource WHERE id = one)) THEN RETURN true; END IF;
  END LOOP;
  RETURN false;
END $$;

CREATE FUNCTION race_make(is_service boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  hot race_hot;
  in_group bigint; in_room bigint; by_teacher bigint; made bigint;
  on_day date := current_date + 400 + floor(random() * 5)::int;
  at_time time := time '08:00' + make_interval(mins => 15 * floor(random() * 36)::int);
  resources bigint[];
BEGIN
  SELECT * INTO hot FROM race_hot;
  in_group := race_pick(hot.groups); in_room := race_pick(hot.rooms); by_teacher := race_pick(hot.teachers);
  SELECT array_agg(r) INTO resources FROM (
    SELECT resource_id AS r FROM study_group WHERE id = in_group UNION SELECT resource_id FROM subgroup WHERE group_id = in_group
    UNION SELECT in_room UNION SELECT person_resource(person_id) FROM staff_resource WHERE id = by_teacher
    UNION SELECT p.resource_id FROM enrollment e JOIN person p ON p.id = e.person_id WHERE e.group_id = in_group AND p.resource_id IS NOT NULL) needed;
  PERFORM race_lock(resources);
  IF is_service AND race_is_busy(resources || hot.thing, tstzrange((on_day + at_time) AT TIME ZONE 'Asia/Yekaterinburg',
    (on_day + at_time + interval '90 minutes') AT TIME ZONE 'Asia/Yekaterinburg'), NULL) THEN RETURN 'busy'; END IF;
  INSERT INTO lesson (group_id, held_on, starts, zone, minutes, academic_hours, topic)
  VALUES (in_group, on_day, at_time, 'Asia/Yekaterinburg', 90, 2, 'Гонка') RETURNING id INTO made;
  INSERT INTO lesson_teacher VALUES (made, by_teacher);
  INSERT INTO lesson_room VALUES (made, in_room);
  INSERT INTO lesson_equipment VALUES (made, hot.thing, 5);
  RETURN 'made';
END $$;

CREATE FUNCTION race_move(is_service boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  moved lesson;
  resources bigint[];
  on_day date := current_date + 400 + floor(random() * 5)::int;
  at_time time := time '08:00' + make_interval(mins => 15 * floor(random() * 36)::int);
BEGIN
  SELECT * INTO moved FROM lesson WHERE topic = 'Гонка' AND state = 'planned' ORDER BY random() LIMIT 1;
  IF moved.id IS NULL THEN RETURN 'none'; END IF;
  SELECT array_agg(resource_id) INTO resources FROM booking WHERE lesson_id = moved.id AND exclusive;
  IF resources IS NULL THEN RETURN 'none'; END IF;
  PERFORM race_lock(resources);
  IF is_service AND race_is_busy(resources, tstzrange((on_day + at_time) AT TIME ZONE moved.zone,
    (on_day + at_time + interval '90 minutes') AT TIME ZONE moved.zone), moved.id) THEN RETURN 'busy'; END IF;
  UPDATE lesson SET held_on = on_day, starts = at_time WHERE id = moved.id AND state = 'planned';
  RETURN 'moved';
END $$;

-- Two lessons change places: for a moment both hold one place, at the commit they must not.
CREATE FUNCTION race_swap() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  a lesson; b lesson;
  resources bigint[];
BEGIN
  SELECT * INTO a FROM lesson WHERE topic = 'Гонка' AND state = 'planned' ORDER BY random() LIMIT 1;
  SELECT * INTO b FROM lesson WHERE topic = 'Гонка' AND state = 'planned' AND id > a.id ORDER BY random() LIMIT 1;
  IF b.id IS NULL THEN RETURN 'none'; END IF;
  SELECT array_agg(DISTINCT resource_id) INTO resources FROM booking WHERE lesson_id IN (a.id, b.id) AND exclusive;
  PERFORM race_lock(resources);
  SET CONSTRAINTS booking_overlap DEFERRED;
  UPDATE lesson SET held_on = b.held_on, starts = b.starts WHERE id = a.id AND state = 'planned';
  UPDATE lesson SET held_on = a.held_on, starts = a.starts WHERE id = b.id AND state = 'planned';
  RETURN 'swapped';
END $$;

CREATE FUNCTION race_cancel() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lesson SET state = 'cancelled' WHERE id = (SELECT id FROM lesson WHERE topic = 'Гонка' AND state = 'planned' ORDER BY random() LIMIT 1)
    AND state = 'planned';
  RETURN 'cancelled';
END $$;

CREATE FUNCTION race_attempt(is_service boolean) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN dice < 0.6 THEN race_make(is_service) WHEN dice < 0.8 THEN race_move(is_service)
              WHEN dice < 0.9 THEN race_swap() ELSE race_cancel() END FROM (SELECT random() AS dice OFFSET 0) d
$$;
CREATE INDEX race_lesson_idx ON lesson (id) WHERE topic = 'Гонка' AND state = 'planned';
`;

const KNOWN = new Set(["23P01", "23514"]); // the exclusion constraint and the counters: a loser
const RETRIED = new Set(["40P01", "40001"]); // kit.transaction tries these again; whoever did not lock in order makes some

function psql(url) {
  const argv = ["psql", "-X", "-q", "-At", "-v", "VERBOSITY=sqlstate", "-d", url, "-f", "-"];
  const [command, ...rest] = process.getuid() === 0 ? ["runuser", "-u", "copp", "--", ...argv] : argv;
  return spawn(command, rest, { cwd: "/", detached: true, stdio: ["pipe", "pipe", "pipe"] });
}

// One client until it has made its attempts; killed, or its server lost, it begins again where it was.
async function client(server, isService, quota, tally, running) {
  for (let left = quota; left > 0;) {
    const url = (await control(server, "database"))[1];
    const child = psql(url);
    running.add(child);
    child.stdin.on("error", () => {});
    // A slow disk would make one attempt after another of it; what may overlap does not depend on it.
    child.stdin.end(`SET synchronous_commit = off;\n` + `SELECT race_attempt(${isService});\n`.repeat(left));
    let rest = "";
    const count = (kind) => { tally[kind] = (tally[kind] ?? 0) + 1; left--; };
    const lines = (chunk) => {
      const all = (rest + chunk).split("\n");
      rest = all.pop();
      return all.filter(Boolean);
    };
    child.stdout.on("data", (chunk) => String(chunk).split("\n").filter(Boolean).forEach(count));
    child.stderr.on("data", (chunk) => lines(chunk).forEach((line) => {
      const state = /ERROR: +(\w{5})$/.exec(line)?.[1];
      if (state) count(KNOWN.has(state) ? "refused" : RETRIED.has(state) ? "again" : isService ? `service ${state}` : `by hand ${state}`);
    }));
    const before = left;
    await new Promise((resolve) => child.on("close", resolve));
    running.delete(child);
    if (left > 0 && left === before) await until("the database answers", () => value(server, "SELECT 1"));
  }
}

async function run(server, { service, byHand, attempts, kills }) {
  const tally = {}, running = new Set();
  const quota = Math.ceil(attempts / (service + byHand));
  const all = Array.from({ length: service + byHand }, (_, i) => client(server, i < service, quota, tally, running));
  const killer = setInterval(() => { // kill -9 of a client in the middle of whatever it does
    const victim = kills-- > 0 && [...running][0];
    if (victim) try { process.kill(-victim.pid, "SIGKILL"); } catch { /* it has ended */ }
  }, 700);
  await Promise.all(all);
  clearInterval(killer);
  return tally;
}

const total = (tally) => Object.values(tally).reduce((sum, n) => sum + n, 0);

export async function bookingRace(tap, server, attempts) {
  await sql(server, SCHEMA);
  await tap.test(`${attempts} attempts of 16 clients on three rooms: nothing overlaps, no equipment is over its number`, async () => {
    const tally = await run(server, { service: 12, byHand: 4, attempts, kills: 5 });
    console.log(`# ${JSON.stringify(tally)}`);
    truth(total(tally) >= attempts && tally.made > 20 && tally.busy > 0 && tally.refused > 0, JSON.stringify(tally));
    equal(await value(server, OVERLAPS), "0", "overlaps");
    equal(await value(server, OVER_CAPACITY), "0", "over capacity");
    equal(await value(server, STRAY), "0", "lessons whose booking lies elsewhere");
    equal(Object.keys(tally).filter((kind) => /^(service|by hand) /.test(kind)), [], `raw errors: ${JSON.stringify(tally)}`);
  });
}

// The service's look alone, without locks and without the constraints: that must go wrong, or the race above proves nothing.
export async function bookingRaceWithoutGuarantee(tap, server, attempts) {
  await tap.test("without locks and constraints the same race books twice", async () => {
    await sql(server, `CREATE OR REPLACE FUNCTION race_lock(resources bigint[]) RETURNS void LANGUAGE sql AS $$ $$;
      CREATE OR REPLACE FUNCTION race_swap() RETURNS text LANGUAGE sql AS $$ SELECT 'none' $$;
      ALTER TABLE booking DROP CONSTRAINT booking_overlap; ALTER TABLE slot_use DROP CONSTRAINT slot_use_capacity;
      UPDATE lesson SET state = 'cancelled' WHERE topic = 'Гонка' AND state = 'planned'`);
    const tally = await run(server, { service: 16, byHand: 0, attempts, kills: 0 });
    console.log(`# ${JSON.stringify(tally)}`);
    truth(Number(await value(server, OVERLAPS)) > 0, `no overlap: ${JSON.stringify(tally)}`);
  });
}
