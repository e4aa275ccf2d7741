// Rights that change while their owner logs in: a worker keeps who somebody is under a number that the change raises, so a change
// that was under way when the session was opened must reach it all the same.
import { spawn } from "node:child_process";
import { Client } from "../support/client.mjs";
import { psql, sql } from "../support/inside.mjs";
import { equal } from "../support/tap.mjs";

const CLIENTS = 6;
const LOOKS = 4; // of each client, so that every worker is asked

// Runs a statement and leaves its transaction open for a while; resolves when it is committed.
async function slowly(server, statement) {
  const [command, ...rest] = await psql(server);
  const child = spawn(command, rest, { cwd: "/", stdio: ["pipe", "ignore", "inherit"] });
  const ended = new Promise((resolve, reject) => {
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`psql: ${code}`))));
  });
  child.stdin.end(`BEGIN; ${statement}; SELECT pg_sleep(1.5); COMMIT;\n`);
  return ended;
}

async function rolesSeen(clients) {
  const looks = clients.flatMap((client) => Array.from({ length: LOOKS }, () => client.api("GET", "/api/v1/me")));
  const answers = await Promise.all(looks);
  return [...new Set(answers.map(({ json }) => json.grants.map((grant) => grant.role).sort().join()))];
}

export async function rightsRace(tap, server, login) {
  await tap.test("a grant given while its owner logs in is seen by all his sessions, one taken away by none", async () => {
    const clients = Array.from({ length: CLIENTS }, () => new Client(server.url, login));
    const user = `(SELECT id FROM user_account WHERE email = '${login.email}')`;
    const given = slowly(server, `INSERT INTO role_grant (user_id, role) SELECT id, 'coordinator' FROM user_account WHERE email = '${login.email}'`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await Promise.all(clients.map((client) => client.bearer()));
    await rolesSeen(clients);
    await given;
    equal(await rolesSeen(clients), ["coordinator,learner"], "after the commit");
    await sql(server, `DELETE FROM role_grant WHERE role = 'coordinator' AND user_id = ${user}`);
    equal(await rolesSeen(clients), ["learner"], "after it was taken away");
  });
  await tap.test("an account that is blocked has no session any more, and gets none back", async () => {
    const client = new Client(server.url, login);
    await client.bearer();
    const set = (state) => sql(server, `UPDATE user_account SET state = '${state}' WHERE email = '${login.email}'`);
    const seen = [];
    for (const state of ["blocked", "active"]) {
      await set(state);
      seen.push((await client.api("GET", "/api/v1/me")).status);
    }
    equal(seen, [401, 401], "blocked, and active again");
  });
}
