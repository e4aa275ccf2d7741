// What is wrong with a page as it stands in the browser: axe, width, CSP, console.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
// The browser reports the status of a refused form or a missing page itself; the test judges the answer.
const REFUSAL = /Failed to load resource: the server responded with a status of 4(04|09|22|03|10)/;

/** Collects what the page says against itself: fault(text) for each. */
export async function listen(page, fault) {
  page.on("console", (message) => {
    if (message.type() === "error" && !REFUSAL.test(message.text())) fault(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => fault(`script: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 500) fault(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  await page.exposeFunction("coppViolation", (text) => fault(`CSP: ${text}`));
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) =>
    window.coppViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)));
}

export async function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Violations of WCAG 2.1 A and AA as sentences. */
export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate((tags) => axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), RULES);
  return found.violations.map((violation) => {
    const nodes = violation.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.html.slice(0, 160)}`).join("\n    ");
    return `axe ${violation.id}: ${violation.help}\n    ${nodes}`;
  });
}

/** Text below 11 px, and on phones things to press that are smaller than 44 px and stand alone. */
export async function sizes(page, coarse) {
  return page.evaluate((touch) => {
    const shown = (e) => { const r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1 && getComputedStyle(e).visibility !== "hidden"; };
    const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join(".")} «${(e.innerText || e.getAttribute("aria-label") || e.name || "").trim().slice(0, 40)}»`;
    const faults = new Set();
    for (const e of document.querySelectorAll("body *")) {
      const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
      if (own && shown(e) && parseFloat(getComputedStyle(e).fontSize) < 10.99 && !e.closest(".doc")) faults.add(`text below 11 px: ${name(e)}`);
    }
    if (touch) for (const e of document.querySelectorAll("button, .btn, input:not([type=hidden]), select, textarea, summary, nav a")) {
      const target = (e.matches("[type=checkbox], [type=radio]") && e.closest("label, .form-check, td")) || e.closest(".file-drop") || e;
      const r = target.getBoundingClientRect();
      if (shown(e) && !e.closest(".vh, .doc, [hidden]") && !e.disabled && Math.round(r.height) < 44 && getComputedStyle(e).display !== "inline") faults.add(`touch target ${Math.round(r.height)} px high: ${name(e)}`);
    }
    return [...faults].slice(0, 8);
  }, coarse);
}
