// The matrix: every page × looks × widths. Faults of one page at several places are told once, with the places.
import { chromium } from "playwright-core";
import { pagesOf, prepare, settle } from "../support/pages.mjs";
import { startServer } from "../support/server.mjs";
import { Tap } from "../support/tap.mjs";
import { visitAll } from "../support/crawl.mjs";
import { lighthouse } from "./lighthouse.mjs";

const LOOKS = { light: null, dark: "theme=dark", vi: "vi=bw&size=3&spacing=2&font=serif&images=0", wb: "vi=wb&size=1", bb: "vi=bb&size=2", by: "vi=by&size=2" };
const WIDTHS = (process.env.BROWSER_WIDTHS ?? "1440 390").split(" ").map(Number);
const asked = process.argv.slice(2);
const only = process.env.A11Y_ONLY ? new RegExp(process.env.A11Y_ONLY) : /./; // while mending: some routes
const tap = new Tap();
const server = await startServer({ env: { COPP_DEV: "1" } });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

async function matrix(pages) {
  for (const [name, look] of Object.entries(LOOKS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    for (const width of WIDTHS) {
      const faults = [];
      await visitAll({ browser, server, pages, width, look, fault: (page, text) => faults.push(`${page.route} (${page.as}): ${text}`) });
      tap.ok(faults.length === 0, `${pages.length} pages: ${name}, ${width} px`, faults.join("\n"));
    }
  }
}

try {
  await prepare(server);
  const { pages: wanted, problems } = await pagesOf(server);
  const pages = (await settle(server, wanted, problems)).filter((page) => only.test(page.route));
  tap.ok(problems.length === 0, `each of ${wanted.length} page addresses can be visited`, problems.join("\n"));
  await matrix(pages);
  if (asked.length === 0 || asked.includes("lighthouse")) await lighthouse({ server, pages, tap });
} finally {
  await browser.close();
  await server.stop();
}
tap.end();
