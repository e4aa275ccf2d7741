// Lighthouse: accessibility and best practices of some pages, by its own packages (tests/a11y/package-lock.json), which are
// installed at the first run. It drives Debian's Chromium through its debugging port.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { freePort } from "../support/server.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const LEAST = 0.95;
const CATEGORIES = ["accessibility", "best-practices"];
// One page of each kind; the rest are made of the same parts and have been through axe.
const ROUTES = ["/", "/programs", "/programs/{slug}", "/login", "/register/citizen", "/cabinet", "/cabinet/applications", "/cabinet/applications/{id}",
  "/cabinet/schedule", "/cabinet/journal/{group}", "/cabinet/search", "/cabinet/notifications", "/admin/users", "/admin/refs"];

function install() {
  if (existsSync(path.join(here, "node_modules/lighthouse"))) return true;
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: here, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function cookieOf(browser, server, name) {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  const { email, password } = server.logins.get(`${name}@demo.copp`);
  await page.goto("/login");
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", password);
  await Promise.all([page.waitForNavigation(), page.click("main button.btn-primary")]);
  const cookies = await context.cookies();
  await context.close();
  return cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join("; ");
}

export async function lighthouse({ server, pages, tap }) {
  if (!install()) return tap.skip("Lighthouse", "its packages cannot be installed here");
  const { default: run } = await import(pathToFileURL(createRequire(path.join(here, "x.js")).resolve("lighthouse")).href);
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--remote-debugging-port=${port}`],
  });
  const cookies = new Map();
  try {
    const chosen = ROUTES.map((route) => pages.find((one) => one.route === route)).filter(Boolean);
    // All log-ins come first: a window that closes between two runs takes their connection along.
    for (const { as } of chosen) if (as !== "guest" && !cookies.has(as)) cookies.set(as, await cookieOf(browser, server, as));
    for (const page of chosen) {
      const result = await run(server.url + page.path, {
        port, onlyCategories: CATEGORIES, logLevel: "silent", extraHeaders: page.as === "guest" ? {} : { Cookie: cookies.get(page.as) }, disableStorageReset: true,
      });
      const faults = CATEGORIES.filter((name) => result.lhr.categories[name].score < LEAST).map((name) => {
        const failed = result.lhr.categories[name].auditRefs.map((ref) => result.lhr.audits[ref.id]).filter((audit) => audit.score !== null && audit.score < 1);
        return `${name} ${result.lhr.categories[name].score}: ${failed.map((audit) => audit.title).join("; ")}`;
      });
      const scores = CATEGORIES.map((name) => Math.round(result.lhr.categories[name].score * 100)).join(" and ");
      tap.ok(faults.length === 0, `Lighthouse gives ${page.route} ${scores}`, faults.join("\n"));
    }
  } finally {
    await browser.close();
  }
}
