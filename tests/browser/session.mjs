// One person at one browser. Every page looked at is examined: axe, console, CSP, width.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
// The browser reports the status of a refused form itself; the story judges the answer.
const REFUSAL = /Failed to load resource: the server responded with a status of 4(09|22|03)/;

export class Session {
  constructor(browser, url, { width, faults, seen }) {
    Object.assign(this, { browser, url, width, faults, seen });
  }

  async open() {
    this.context = await this.browser.newContext({
      baseURL: this.url, locale: "ru-RU", timezoneId: "Asia/Yekaterinburg", viewport: { width: this.width, height: this.width < 600 ? 844 : 900 },
      isMobile: this.width < 600, hasTouch: this.width < 600, reducedMotion: "reduce",
    });
    this.context.setDefaultTimeout(10000);
    this.page = await this.context.newPage();
    this.page.on("console", (message) => {
      if (message.type() === "error" && !REFUSAL.test(message.text())) this.fault(`console: ${message.text()}`);
    });
    this.page.on("pageerror", (error) => this.fault(`script: ${error.message}`));
    this.page.on("response", (response) => {
      if (response.status() >= 500) this.fault(`${response.status()} ${response.request().method()} ${response.url()}`);
    });
    return this;
  }

  close() { return this.context.close(); }

  fault(text) { this.faults.add(`${this.width} px, ${this.where()}: ${text}`); }

  // Ids make no difference between pages.
  where() {
    return new URL(this.page.url()).pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}").replace(/\/\d+/g, "/{n}");
  }

  // Examines the page as it stands; `name` tells states of one address apart.
  async look(name = "") {
    const key = `${this.width} ${this.where()} ${name}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const overflow = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) this.fault(`${name} the page is ${overflow} px wider than the window`);
    await this.page.evaluate(axe);
    const found = await this.page.evaluate((tags) => axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), RULES);
    for (const violation of found.violations) {
      const nodes = violation.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.html.slice(0, 160)}`).join("\n    ");
      this.fault(`${name} axe ${violation.id}: ${violation.help}\n    ${nodes}`);
    }
  }

  async visit(path, name) {
    const response = await this.page.goto(path);
    if (response.status() >= 400) throw new Error(`${path}: ${response.status()} ${(await this.page.innerText("body")).slice(0, 300)}`);
    await this.look(name);
  }

  async login({ email, password }) {
    await this.page.goto("/login");
    await this.look();
    await this.page.fill("[name=email]", email);
    await this.page.fill("[name=password]", password);
    await this.submit("Войти");
    if (new URL(this.page.url()).pathname === "/login") throw new Error(`log-in of ${email}: ${(await this.page.innerText("main")).slice(0, 300)}`);
  }

  // Presses a button of a form and waits for the page after it.
  async submit(label, scope = this.page) {
    const button = scope.getByRole("button", { name: label, exact: true }).first();
    await Promise.all([this.page.waitForNavigation({ waitUntil: "load" }), button.click({ timeout: 8000 })]); // its reason comes first
  }

  async sees(text, ms = 5000) {
    try {
      await this.page.getByText(text).first().waitFor({ state: "visible", timeout: ms });
    } catch {
      const body = await this.page.innerText("body").catch(() => "");
      throw new Error(`«${text}» is not to be seen at ${this.page.url()}:\n${body.replace(/\n+/g, "\n").slice(0, 1200)}`);
    }
  }
}
