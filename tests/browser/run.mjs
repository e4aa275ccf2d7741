// Stories at both widths. What the pages themselves do wrong (axe, console, CSP, width) is counted apart from the stories.
import { chromium } from "playwright-core";
import { startServer } from "../support/server.mjs";
import { Tap } from "../support/tap.mjs";
import { Session } from "./session.mjs";
import { visitPages } from "./pages.mjs";

const STORIES = ["a1", "a9", "a15", "booking", "board", "plan", "palette", "keyboard", "site", "signin"];
const WIDTHS = (process.env.BROWSER_WIDTHS ?? "1440 390").split(" ").map(Number);
const asked = process.argv.slice(2);
const tap = new Tap();
const faults = new Set(), seen = new Set();
const server = await startServer({ env: { COPP_DEV: "1" } }); // with /dev/routes
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

async function tell(story, width) {
  const sessions = [];
  const session = async (options) => {
    const made = await new Session(browser, server.url, { width, faults, seen, options }).open();
    sessions.push(made);
    return made;
  };
  const login = (name) => server.logins.get(`${name}@demo.copp`);
  try {
    await story.tell({ server, session, login, width });
  } finally {
    for (const made of sessions) await made.close();
  }
}

try {
  if (asked.length === 0 || asked.includes("pages")) await visitPages({ browser, server, tap });
  for (const name of asked.length > 0 ? asked.filter((story) => story !== "pages") : STORIES) {
    const story = await import(`./${name}.mjs`);
    for (const width of WIDTHS) await tap.test(`${story.title} (${width} px)`, () => tell(story, width));
  }
  if (seen.size > 0) tap.ok(faults.size === 0, `${seen.size} pages are accessible, fit the window and log no error`, [...faults].join("\n"));
  const errors = server.log().filter((line) => line.level === "error");
  tap.ok(errors.length === 0, "the server logged no error", errors.slice(0, 5).map((line) => JSON.stringify(line)).join("\n"));
} finally {
  await browser.close();
  await server.stop();
}
tap.end();
