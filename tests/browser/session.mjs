// One person at one browser. Every page looked at is examined: axe, console, CSP, width.
import { listen, overflow, violations } from "../support/examine.mjs";

export class Session {
  constructor(browser, url, { width, faults, seen, options = {} }) {
    Object.assign(this, { browser, url, width, faults, seen, options });
  }

  async open() {
    this.context = await this.browser.newContext({
      baseURL: this.url, locale: "ru-RU", timezoneId: "Asia/Yekaterinburg", viewport: { width: this.width, height: this.width < 600 ? 844 : 900 },
      isMobile: this.width < 600, hasTouch: this.width < 600, reducedMotion: "reduce",
      ...this.options,
    });
    this.context.setDefaultTimeout(Number(process.env.BROWSER_TIMEOUT_MS ?? 10000));
    this.page = await this.context.newPage();
    await listen(this.page, (text) => this.fault(text));
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
    const wider = await overflow(this.page);
    if (wider > 0) this.fault(`${name} the page is ${wider} px wider than the window`);
    for (const violation of await violations(this.page)) this.fault(`${name} ${violation}`);
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
