// Each part exports run(tap) and starts the servers it needs.
import { Tap } from "../support/tap.mjs";

const PARTS = ["workers", "upload", "database", "reload", "published", "backup", "live", "role", "start", "engine"];
const asked = process.argv.slice(2);
const tap = new Tap();
for (const name of asked.length > 0 ? asked : PARTS) {
  try {
    await (await import(`./${name}.mjs`)).run(tap);
  } catch (error) {
    tap.ok(false, `${name}: the part runs to its end`, error.stack);
  }
}
tap.end();
