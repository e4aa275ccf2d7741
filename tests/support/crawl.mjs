// Visits pages in a browser, each by its reader, and examines them.
import { listen, overflow, sizes, violations } from "./examine.mjs";

async function contextOf(browser, server, name, width, look) {
  const phone = width < 600;
  const context = await browser.newContext({
    baseURL: server.url, locale: "ru-RU", timezoneId: "Asia/Yekaterinburg", viewport: { width, height: phone ? 844 : 900 },
    isMobile: phone, hasTouch: phone, reducedMotion: "reduce",
  });
  context.setDefaultTimeout(45000);
  const page = await context.newPage();
  if (name !== "guest") {
    const { email, password } = server.logins.get(`${name}@demo.copp`);
    await page.goto("/login");
    await page.fill("[name=email]", email);
    await page.fill("[name=password]", password);
    await Promise.all([page.waitForNavigation(), page.click("main button.btn-primary")]);
  }
  if (look) await page.goto(`/view?${look}&back=/login`);
  await page.close();
  return context;
}

const TABS = Number(process.env.BROWSER_TABS ?? 3);

async function visit(page, one, { width, look, reflow }, say) {
  const response = await page.goto(one.path, { waitUntil: "load" });
  if (response.status() !== (one.status ?? 200)) say(`${response.status()} in the browser`);
  const wider = await overflow(page);
  if (wider > 0) say(`${wider} px wider than the window`);
  for (const text of await violations(page)) say(text);
  for (const text of await sizes(page, width < 600 && !look?.startsWith("vi"))) say(text);
  if (!reflow) return;
  await page.setViewportSize({ width: 320, height: 700 });
  // A new width is laid out in a frame of its own; what is too wide stays so.
  await page.waitForFunction(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth, null, { timeout: 1500 }).catch(() => {});
  const narrow = await overflow(page);
  if (narrow > 0) say(`${narrow} px wider than a window of 320 px`);
  await page.setViewportSize({ width, height: 900 });
}

// One tab of the browser and its windows, one a reader: a renderer that lives on costs a navigation, a new one a process.
class Tab {
  constructor(contextFor) {
    this.contextFor = contextFor;
    this.windows = new Map();
  }

  async windowOf(reader) {
    if (!this.windows.has(reader)) {
      const page = await (await this.contextFor(reader)).newPage();
      const window = { page, say: () => {} };
      await listen(page, (text) => window.say(text));
      this.windows.set(reader, window);
    }
    return this.windows.get(reader);
  }

  async visit(one, options, say) {
    try {
      const window = await this.windowOf(one.as);
      window.say = say;
      await visit(window.page, one, options, say);
    } catch (error) {
      say(error.message.split("\n")[0]);
      await this.windows.get(one.as)?.page.close().catch(() => {});
      this.windows.delete(one.as);
    }
  }
}

// `pages` of support/pages.mjs; `look` is the query of /view ("theme=dark"); fault(page, text) collects. With `reflow` every
// page is also drawn 320 px wide. Several tabs are at work: while one loads, another is examined.
export async function visitAll({ browser, server, pages, width, look, fault, reflow }) {
  const contexts = new Map(); // of readers, as promises: two tabs may ask for one at once
  const contextFor = (reader) => {
    if (!contexts.has(reader)) contexts.set(reader, contextOf(browser, server, reader, width, look));
    return contexts.get(reader);
  };
  const waiting = [...pages];
  const work = async () => {
    const tab = new Tab(contextFor);
    while (waiting.length > 0) {
      const one = waiting.shift();
      await tab.visit(one, { width, look, reflow }, (text) => fault(one, text));
    }
  };
  try {
    await Promise.all(Array.from({ length: TABS }, work));
  } finally {
    for (const context of contexts.values()) await (await context.catch(() => null))?.close();
  }
}
