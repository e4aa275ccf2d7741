// A16: registration and an application by keyboard alone, and the same without JavaScript up to the submission; the version for the
// weak-sighted stays from page to page.
import { sql, value } from "../support/inside.mjs";
import { until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";

export const title = "A16: to an application by keyboard alone, and without scripts";

const PASSWORD = "тихая улица у реки";

// Presses Tab until the focus is where `wanted` (a selector) says; each stop must be seen.
async function tabTo(page, wanted, most = 120) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate((selector) => {
      const e = document.activeElement, marked = (x) => getComputedStyle(x).outlineStyle !== "none" || getComputedStyle(x).boxShadow !== "none";
      return { there: e.matches(selector), ring: marked(e) || marked(e.closest(".drop, .search, .opt") ?? e) || e.matches("body, main, .vh"), name: e.outerHTML.slice(0, 120) };
    }, wanted);
    truth(stop.ring, `the focus cannot be seen at ${stop.name}`);
    if (stop.there) return;
  }
  throw new Error(`no way to ${wanted} by Tab at ${page.url()}`);
}

async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.type(text);
}

async function press(page, selector, key = "Enter") {
  await tabTo(page, selector);
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press(key)]);
}

async function choose(page, selector, key) {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

async function linkOf(server, email) {
  const letter = await value(server, `SELECT replace(body_text, chr(10), ' ') FROM mail_message WHERE to_address = '${email}' ORDER BY id DESC LIMIT 1`);
  const link = new URL(/https?:\/\/\S+/.exec(letter)[0]);
  return link.pathname + link.search;
}

const snils = (server, from) => value(server, `SELECT s FROM (SELECT lpad(n::text, 9, '0') AS d, n FROM generate_series(${from}, ${from + 200}) n) b,
  LATERAL (SELECT sum(substr(d, i, 1)::int * (10 - i)) AS total FROM generate_series(1, 9) i) t,
  LATERAL (SELECT d || lpad(((CASE WHEN total % 101 = 100 THEN 0 ELSE total % 101 END))::text, 2, '0') AS s) x
  WHERE NOT EXISTS (SELECT FROM person WHERE snils = s) LIMIT 1`);

const intake = (server) => value(server, `SELECT i.id FROM intake i JOIN program p ON p.id = i.program_id
  WHERE i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on AND p.state = 'published' AND coalesce(p.min_age, 0) <= 18
    AND p.max_age IS NULL AND p.entry_education = '{}' ORDER BY i.id LIMIT 1`);

async function byKeyboard(guest, server, width) {
  const { page } = guest;
  const email = `keys${width}@example.org`;
  await page.goto("/register/citizen");
  await page.keyboard.press("Tab");
  truth(await page.evaluate(() => document.activeElement.matches(".skip")), "the first stop is the way to the content");
  await page.keyboard.press("Enter");
  await type(page, "[name=last_name]", "Клавишина");
  await type(page, "[name=first_name]", "Инна");
  await type(page, "[name=email]", email);
  await type(page, "[name=password]", PASSWORD);
  await press(page, "main button:not([type=button])");
  await page.goto(await linkOf(server, email));
  await type(page, "[name=email]", email);
  await type(page, "[name=password]", PASSWORD);
  await press(page, "main button:not([type=button])");
  await profile(guest, await snils(server, 700200000 + width), { type, choose, press });
  await page.goto(`/cabinet/applications/new?intake=${await intake(server)}`);
  await choose(page, "[name=consent]", "Space");
  await press(page, "#apply button[value=submit]");
  await guest.sees("Подана");
  equal((await sql(server, `SELECT 1 FROM application a JOIN person p ON p.id = a.person_id JOIN user_account u ON u.id = p.user_id WHERE u.email = '${email}' AND a.state = 'submitted'`)).length, 1, "submitted applications");
  await until("the notification", async () => (await sql(server, `SELECT 1 FROM notification n JOIN user_account u ON u.id = n.user_id WHERE u.email = '${email}'`)).length === 1, 15000);
}

async function profile(guest, number, by) {
  const { page } = guest;
  await page.goto("/cabinet/profile/person");
  await by.type(page, "[name=middle_name]", "Олеговна");
  await by.type(page, "[name=birth_date]", "05171990"); // as the browser of the test writes dates: month, day, year
  if ((await page.inputValue("[name=birth_date]")) !== "1990-05-17") await page.fill("[name=birth_date]", "1990-05-17");
  await by.choose(page, "[name=gender]", "ArrowDown");
  if (await page.locator("[name=citizenship]").count()) await page.selectOption("[name=citizenship]", "643");
  await by.type(page, "[name=snils]", number);
  await by.press(page, "form[data-dirty] .form-actions button.btn-primary");
  await by.type(page, "[name=phone]", "9123456789");
  await by.choose(page, "[name=education_level]", "ArrowDown");
  await by.choose(page, "[name=citizen_category]", "ArrowDown");
  await by.press(page, "form[data-dirty] .form-actions button.btn-primary");
}

// Without scripts the mouse does what the keys did: what is proved is that the server does the rest.
async function withoutScripts(guest, server, width) {
  const { page } = guest;
  const email = `plain${width}@example.org`;
  const submit = () => Promise.all([page.waitForNavigation(), page.locator("main button:not([type=button])").first().click()]);
  await page.goto("/register/citizen");
  await page.fill("[name=last_name]", "Простова");
  await page.fill("[name=first_name]", "Нина");
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", PASSWORD);
  await submit();
  await page.goto(await linkOf(server, email));
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", PASSWORD);
  await submit();
  await page.goto("/cabinet/profile/person");
  await page.fill("[name=middle_name]", "Ивановна");
  await page.fill("[name=birth_date]", "1991-04-02");
  await page.locator("[name=gender]").last().check();
  await page.fill("[name=snils]", await snils(server, 700300000 + width));
  const save = () => Promise.all([page.waitForNavigation(), page.locator("form[data-dirty] .form-actions button.btn-primary").click()]);
  await save();
  await page.fill("[name=phone]", "+7 912 345-67-89");
  for (const name of ["education_level", "citizen_category"]) await page.selectOption(`[name=${name}]`, { index: 1 });
  await save();
  await page.goto(`/cabinet/applications/new?intake=${await intake(server)}`);
  await page.check("[name=consent]");
  await Promise.all([page.waitForNavigation(), page.locator("#apply button[value=submit]").click()]);
  truth((await page.innerText("main")).includes("Подана"), `not submitted without scripts: ${(await page.innerText("main")).slice(0, 400)}`);
}

async function weakSighted(guest) {
  const { page } = guest;
  await page.goto("/view?vi=by&size=3&spacing=2&font=serif&images=0&back=/programs");
  const look = () => page.evaluate(() => ({ ...document.documentElement.dataset }));
  for (const path of ["/programs", "/", "/login", "/register/citizen"]) {
    await page.goto(path);
    const { vi, viSize, viSpacing, viFont, viImages } = await look();
    equal([vi, viSize, viSpacing, viFont, viImages], ["by", "3", "2", "serif", "off"], `looks at ${path}`);
  }
  await page.goto("/view?vi=off&back=/");
  equal((await look()).vi, undefined, "looks after the way back");
}

export async function tell({ server, session, width }) {
  const keys = await session();
  if (width >= 992) await byKeyboard(keys, server, width);
  await weakSighted(await session());
  await withoutScripts(await session({ javaScriptEnabled: false }), server, width);
}
