import { startServer } from "../support/server.mjs";
import { Tap } from "../support/tap.mjs";
import { bookingRace, bookingRaceWithoutGuarantee } from "../race/booking.mjs";

const tap = new Tap();
const server = await startServer();
await bookingRace(tap, server, Number(process.env.COPP_RACE_ATTEMPTS ?? 100_000));
await bookingRaceWithoutGuarantee(tap, server, 1500);
const exit = await server.stop();
tap.ok(exit.code === 0, "the server stops cleanly", JSON.stringify(exit));
tap.end();
