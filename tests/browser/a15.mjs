// A15: an administrator who does not program adds a state by a form, tries it on the past, publishes; a clerk uses it at once; back again.
import { sql, value } from "../support/inside.mjs";
import { equal, truth } from "../support/tap.mjs";

export const title = "A15: rules are changed without a restart, and taken back";

const PACK = "/admin/rules/workflow/application";

// Approved applications whose rules are not settled yet; the other width gets others.
async function approved(server, count) {
  const rows = await sql(server, `SELECT a.public_id FROM application a WHERE a.state = 'approved' AND NOT EXISTS
    (SELECT FROM case_rules c WHERE c.machine = 'application' AND c.object_id = a.id) ORDER BY a.id LIMIT ${count}`);
  truth(rows.length === count, `approved applications without a version of their own: ${rows.length}`);
  return rows.map(([id]) => `/cabinet/applications/${id}`);
}

async function addState(admin) {
  const { page } = admin;
  await admin.visit("/admin/rules");
  await page.getByRole("link", { name: "Заявка гражданина на программу" }).first().click();
  await page.waitForURL(`**${PACK}`);
  await admin.look("shipped");
  await page.locator("#main").getByRole("link", { name: "Состояние", exact: true }).click();
  await page.waitForURL("**/states/new");
  await admin.look();
  await page.fill("[name=label]", "Ожидает ЦЗН");
  await page.fill("[name=code]", "awaiting");
  await page.check("[name=in_from][value=approved]");
  await page.fill("[name=in_label]", "Ждать ЦЗН");
  await admin.submit("Добавить в черновик");
  await admin.sees("Выберите, куда дальше");
  equal(await page.inputValue("[name=label]"), "Ожидает ЦЗН", "what was typed");
  await admin.look("refused");
  await page.check("[name=out][value=enroll]");
  await admin.submit("Добавить в черновик");
  await admin.look("draft");
  const states = page.locator(".diagram:visible a.dg-n.new");
  equal(await states.count(), 1, "new states in the diagram");
  equal(await states.getAttribute("aria-label"), "Состояние «Ожидает ЦЗН»", "its name");
  await states.focus(); // every state is reached by the keyboard
  await page.keyboard.press("Enter");
  await page.waitForURL("**/states/awaiting");
  await admin.look("new state");
}

// The editor marks the line of a fault; a broken text is saved as a draft, never published.
async function breakAndMend(admin) {
  const { page } = admin;
  await admin.visit(`${PACK}/code`, "draft");
  const editor = page.locator(".cm-content");
  await editor.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("oops");
  await page.locator(".cm-lintRange-error").first().waitFor();
  await page.locator("[data-rules-findings]", { hasText: "строка" }).waitFor();
  await admin.look("broken");
  await page.keyboard.press("Control+s");
  await page.locator("[data-rules-state]", { hasText: "Записано." }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  truth(await page.evaluate(() => !document.activeElement.closest(".cm-editor")), "Esc and Tab leave the editor");
  await admin.visit(`${PACK}/publish`, "broken");
  await page.fill("[name=reason]", "Проверим");
  await admin.submit("Опубликовать");
  await admin.sees("Правила не опубликованы");
  await admin.look("refused");
  await admin.visit(`${PACK}/code`);
  await editor.click();
  await page.keyboard.press("Control+End");
  for (let i = 0; i < 4; i++) await page.keyboard.press("Backspace");
  await page.keyboard.press("Control+s");
  await page.locator("[data-rules-state]", { hasText: "Проверки пройдены" }).waitFor();
}

// The past under the draft: how far it is, what would have ended otherwise.
async function tryOnThePast(admin) {
  const { page } = admin;
  await admin.visit(`${PACK}/runs`);
  await admin.submit("Прогнать");
  await page.locator("h2", { hasText: "Что решилось бы иначе" }).waitFor({ timeout: 60000 });
  await page.locator("text=решений пересмотрено").waitFor({ timeout: 60000 });
  await admin.sees("решение не изменилось бы"); // a way more changes nothing of what was decided
  await admin.look("run");
}

async function publish(admin) {
  const { page } = admin;
  await admin.visit(`${PACK}/checks`);
  await admin.sees("Публиковать можно.");
  await admin.visit(`${PACK}/diff`);
  await admin.sees("Новое состояние «Ожидает ЦЗН».");
  await admin.visit(`${PACK}/publish`);
  await page.fill("[name=reason]", "Область ждёт решения центра занятости");
  await admin.submit("Опубликовать");
  await admin.sees("Опубликовано");
  await admin.look("published");
}

const placesOf = (server, path) =>
  value(server, `SELECT i.taken FROM intake i JOIN application a ON a.intake_id = i.id WHERE a.public_id = '${path.split("/").pop()}'`);

async function useIt(clerk, server, path) {
  const { page } = clerk;
  const taken = await placesOf(server, path);
  await clerk.visit(path, "approved");
  await clerk.submit("Ждать ЦЗН");
  await clerk.sees("Ожидает ЦЗН");
  equal(await placesOf(server, path), taken, "the region's own state keeps the place");
  await clerk.look("awaiting");
  const step = page.locator(".tl li", { hasText: "Ожидает ЦЗН" });
  await step.locator("summary", { hasText: "Почему?" }).click();
  await step.locator("text=Условий у этого шага нет").waitFor();
  await step.locator("text=По правилам").waitFor();
  await clerk.look("why");
}

async function takeBack(admin) {
  const { page } = admin;
  await admin.visit(`${PACK}/versions`);
  await page.getByRole("button", { name: "Вернуть прежние правила" }).click();
  await page.locator("#rollback [name=reason]").fill("Центр занятости отказался");
  await admin.look("asked why");
  await admin.submit("Вернуть", page.locator("#rollback"));
  await admin.sees("Прежние правила снова действуют");
  await admin.look("taken back");
}

export async function tell({ server, session, login }) {
  const admin = await session(), clerk = await session();
  const started = await value(server, "SELECT pg_postmaster_start_time()");
  await admin.login(login("admin"));
  await clerk.login(login("staff"));
  await addState(admin);
  await breakAndMend(admin);
  await tryOnThePast(admin);
  const [first, second] = await approved(server, 2);
  await clerk.visit(second, "before");
  equal(await clerk.page.getByRole("button", { name: "Ждать ЦЗН" }).count(), 0, "the button before the publication");
  await publish(admin);
  await useIt(clerk, server, first);
  await takeBack(admin);
  await clerk.visit(second, "after");
  equal(await clerk.page.getByRole("button", { name: "Ждать ЦЗН" }).count(), 0, "the button after the way back");
  await clerk.visit(first, "pinned");
  await clerk.sees("Ожидает ЦЗН"); // the case keeps the rules it lives under
  equal(await value(server, "SELECT pg_postmaster_start_time()"), started, "nothing was restarted");
}
