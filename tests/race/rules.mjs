// Two administrators publish at once: one wins, the others are told; all workers see it within a second; nobody's request fails meanwhile.
import { Client } from "../support/client.mjs";
import { value } from "../support/inside.mjs";
import { equal, truth } from "../support/tap.mjs";

const PATH = "/api/v1/rules/workflow/organization";
const PUBLISHERS = 8;
const ROUNDS = 12;
const READERS = 6;

const text = (title, isBroken) => ({ "workflows/organization": isBroken ? `return {\n  title = '${title}'` : `return { title = '${title}' }` });

// Titles that several connections see until all see the wanted one; how long it took.
async function untilAllSee(readers, title) {
  const began = performance.now();
  for (;;) {
    const answers = await Promise.all(readers.map((reader) => reader.api("GET", PATH)));
    truth(answers.every(({ status }) => status === 200), "a reader failed");
    if (answers.every(({ json }) => json.title === title)) return performance.now() - began;
    truth(performance.now() - began < 5000, `not all workers see ${title}`);
  }
}

export async function rulesRace(tap, server, login) {
  const one = new Client(server.url, login); // one session: log-ins are counted
  await one.bearer();
  const clients = (count) => Array.from({ length: count }, () => Object.assign(new Client(server.url, login), { token: one.token }));
  const admins = clients(PUBLISHERS), readers = clients(READERS);
  let version = 0;
  const publish = (client, title, isBroken) => client.api("POST", `${PATH}/publish`, { version, reason: "Гонка", files: text(title, isBroken) });

  await tap.test("of administrators who publish at once one wins, the others get 409 and who was faster", async () => {
    const answers = await Promise.all(admins.map((admin, i) => publish(admin, `Первое ${i}`)));
    const won = answers.filter(({ status }) => status === 200), lost = answers.filter(({ status }) => status === 409);
    equal([won.length, lost.length], [1, PUBLISHERS - 1], "winners and losers");
    truth(lost.every(({ json }) => json.code === "version_conflict" && json.hash === won[0].json.hash), "the losers know what is in force");
    equal(Number(await value(server, "SELECT count(*) FROM rule_switch WHERE pack = 'workflow/organization'")), 1, "lines of the history");
    version = won[0].json.version;
  });

  await tap.test("publications and rollbacks reach all workers within a second, and no request fails meanwhile, though one in four is broken", async () => {
    let asked = 0, failed = 0, isOver = false;
    const load = readers.map(async (reader) => {
      while (!isOver) {
        const { status } = await reader.api("GET", "/api/v1/organizations?limit=2");
        asked++;
        if (status !== 200) failed++;
      }
    });
    const watchers = clients(READERS);
    const times = [];
    let title;
    for (let round = 0; round < ROUNDS; round++) {
      const isBroken = round % 4 === 3;
      const answer = await publish(admins[0], `Название ${round}`, isBroken);
      equal(answer.status, isBroken ? 422 : 200, `round ${round}: ${answer.text.slice(0, 200)}`);
      if (isBroken) truth(/workflows\/organization\.lua:\d/.test(answer.json.detail), "file and line");
      else [version, title] = [answer.json.version, `Название ${round}`];
      times.push(await untilAllSee(watchers, title));
    }
    const back = await admins[0].api("POST", `${PATH}/rollback`, { version, reason: "Назад" });
    equal(back.status, 200, back.text.slice(0, 200));
    times.push(await untilAllSee(watchers, "Название 9"));
    isOver = true;
    await Promise.all(load);
    equal(failed, 0, `failed of ${asked}`);
    const slowest = Math.max(...times);
    console.log(`# rules: slowest ${slowest.toFixed(0)} ms of ${times.length} switches, ${asked} requests meanwhile`);
    truth(slowest < 1000, `the slowest took ${slowest.toFixed(0)} ms`);
    await admins[0].api("POST", `${PATH}/rollback`, { version: back.json.version, reason: "Как было", hash: "none" });
  });
}
