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

// `pages` of support/pages.mjs; `look` is the query of /view ("theme=dark"); fault(page, text) collects. With `reflow` every
// page is also drawn 320 px wide.
export async function visitAll({ browser, server, pages, width, look, fault, reflow }) {
  const contexts = new Map();
  try {
    for (const one of pages) {
      const say = (text) => fault(one, text);
      let page;
      try {
        if (!contexts.has(one.as)) contexts.set(one.as, await contextOf(browser, server, one.as, width, look));
        page = await contexts.get(one.as).newPage();
        await listen(page, say);
        const response = await page.goto(one.path, { waitUntil: "load" });
        if (response.status() !== (one.status ?? 200)) say(`${response.status()} in the browser`);
        const wider = await overflow(page);
        if (wider > 0) say(`${wider} px wider than the window`);
        for (const text of await violations(page)) say(text);
        for (const text of await sizes(page, width < 600 && !look?.startsWith("vi"))) say(text);
        if (reflow) {
          await page.setViewportSize({ width: 320, height: 700 });
          // A new width is laid out in a frame of its own; what is too wide stays so.
          await page.waitForFunction(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth, null, { timeout: 1500 }).catch(() => {});
          const narrow = await overflow(page);
          if (narrow > 0) say(`${narrow} px wider than a window of 320 px`);
        }
      } catch (error) {
        say(error.message.split("\n")[0]);
      } finally {
        await page?.close();
      }
    }
  } finally {
    for (const context of contexts.values()) await context.close();
  }
}
