// Every page of the platform once: HTML by the standard, axe, console, CSP, width, and the weight of a first visit.
import { readFileSync } from "node:fs";
import path from "node:path";
import { HtmlValidate } from "html-validate";
import { visitAll } from "../support/crawl.mjs";
import { pagesOf, prepare, settle } from "../support/pages.mjs";
import { root } from "../support/server.mjs";
import { truth } from "../support/tap.mjs";

const FIRST_VISIT_BYTES = 170 * 1024;

async function validate(pages) {
  const checker = new HtmlValidate(JSON.parse(readFileSync(path.join(root, ".htmlvalidate.json"), "utf8")));
  const faults = [];
  for (const page of pages) {
    const report = await checker.validateString(page.html);
    for (const message of report.results.flatMap((result) => result.messages).filter((m) => m.severity > 1).slice(0, 5)) {
      faults.push(`${page.route} (${page.as}), line ${message.line}: ${message.ruleId}: ${message.message}: ${page.html.split("\n")[message.line - 1]?.slice(Math.max(0, message.column - 40), message.column + 80)}`);
    }
  }
  return faults;
}

// What a visitor who has never been here loads: all bytes on the wire, compressed with gzip.
async function firstVisit(browser, server, target) {
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const loaded = [];
  page.on("requestfinished", (request) => loaded.push(request));
  await page.goto(target, { waitUntil: "networkidle" });
  let total = 0;
  const list = [];
  for (const request of loaded) {
    const { responseBodySize, responseHeadersSize } = await request.sizes();
    total += responseBodySize + responseHeadersSize;
    list.push(`${responseBodySize + responseHeadersSize}\t${new URL(request.url()).pathname}`);
  }
  await context.close();
  return { total, list };
}

export async function visitPages({ browser, server, tap }) {
  await prepare(server);
  const { pages: wanted, problems } = await pagesOf(server);
  const pages = await settle(server, wanted, problems);
  tap.ok(problems.length === 0, `each of ${wanted.length} page addresses can be visited`, problems.join("\n"));
  const invalid = await validate(pages);
  tap.ok(invalid.length === 0, `the HTML of ${pages.length} pages is valid`, invalid.join("\n"));
  const faults = new Set();
  await visitAll({ browser, server, pages, width: 1440, reflow: true, fault: (page, text) => faults.add(`${page.route} (${page.as}): ${text}`) });
  tap.ok(faults.size === 0, `${pages.length} pages are accessible, quiet in the console, and fit 1440 and 320 px`, [...faults].join("\n"));
  for (const target of ["/", "/programs"]) {
    await tap.test(`a first visit of ${target} weighs at most 170 KB`, async () => {
      const { total, list } = await firstVisit(browser, server, target);
      truth(total <= FIRST_VISIT_BYTES, `${Math.round(total / 1024)} KB:\n${list.join("\n")}`);
    });
  }
}
