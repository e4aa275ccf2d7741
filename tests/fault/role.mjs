// The role that serves cannot touch the journal of actions: neither its rows nor what guards them.
import { control, sql, value } from "../support/inside.mjs";
import { startServer } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";
import { execFileSync } from "node:child_process";

async function asServer(server, text) {
  const url = (await control(server, "database"))[1].replace("//copp@", "//copp_app@");
  const argv = ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text];
  const [command, ...rest] = process.getuid() === 0 ? ["runuser", "-u", "copp", "--", ...argv] : argv;
  try {
    return execFileSync(command, rest, { encoding: "utf8", cwd: "/", stdio: ["ignore", "pipe", "pipe"] }).trim();
  } catch (error) {
    return `refused: ${error.stderr}`;
  }
}

const FORBIDDEN = [
  "UPDATE audit_event SET reason = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event CASCADE", "DROP TABLE audit_event CASCADE",
  "ALTER TABLE audit_event DISABLE TRIGGER ALL", "UPDATE audit_link SET hash = repeat('0', 64)", "DELETE FROM audit_link", "SET ROLE copp",
  "DELETE FROM audit_check", "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
  "SET session_replication_role = replica", "DELETE FROM schema_migration",
];

export async function run(tap) {
  const server = await startServer({ demo: true });
  try {
    await tap.test("role: workers serve as copp_app", async () => {
      const rows = await sql(server, "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE 'copp web%' OR application_name LIKE 'copp job%'");
      equal(JSON.stringify(rows), '[["copp_app"]]', "roles of the workers");
    });
    await tap.test("role: the journal cannot be changed by who serves, nor its guards", async () => {
      const before = await value(server, "SELECT md5(string_agg(e::text, ',' ORDER BY id)) FROM (SELECT * FROM audit_event ORDER BY id LIMIT 100) e");
      for (const text of FORBIDDEN) {
        const answer = await asServer(server, text);
        truth(/^refused: ERROR: +(permission denied|must be owner)/.test(answer), `${text}: ${answer}`);
      }
      equal(await value(server, "SELECT md5(string_agg(e::text, ',' ORDER BY id)) FROM (SELECT * FROM audit_event ORDER BY id LIMIT 100) e"), before, "first rows");
      truth(!(await asServer(server, "INSERT INTO audit_event (action) VALUES ('test.added') RETURNING id")).startsWith("refused"), "adding");
    });
    await tap.test("role: the owner is held by the triggers", async () => {
      for (const text of ["UPDATE audit_event SET reason = 'x'", "TRUNCATE audit_event CASCADE"]) {
        let refused = "";
        await sql(server, text).catch((error) => (refused = String(error.stderr)));
        truth(refused.includes("append-only"), `${text}: ${refused}`);
      }
    });
  } finally {
    await server.stop();
  }
}
