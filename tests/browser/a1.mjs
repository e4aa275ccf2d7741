// A1: a guest finds a programme, becomes a learner, applies, is asked for a document, is approved.
import { sql, value } from "../support/inside.mjs";
import { until } from "../support/server.mjs";
import { equal, truth } from "../support/tap.mjs";

export const title = "A1: from the catalogue to an approved application";

const WRONG_SNILS = "112-233-445 96";

// The number of the story, or another valid one when somebody has it already.
async function freeSnils(server, width) {
  const wanted = width < 600 ? "" : "11223344595";
  if (wanted && (await value(server, `SELECT count(*) FROM person WHERE snils = '${wanted}'`)) === "0") return wanted;
  return value(server, `SELECT s FROM (SELECT lpad(n::text, 9, '0') AS d, n FROM generate_series(700100200, 700100400) n) b,
    LATERAL (SELECT sum(substr(d, i, 1)::int * (10 - i)) AS total FROM generate_series(1, 9) i) t,
    LATERAL (SELECT d || lpad(((CASE WHEN total % 101 = 100 THEN 0 ELSE total % 101 END))::text, 2, '0') AS s) x
    WHERE NOT EXISTS (SELECT FROM person WHERE snils = s) LIMIT 1`);
}

async function tick(guest, name, wanted) {
  const { page } = guest;
  const box = page.locator(`input[name=${name}][value=${wanted}]`);
  const sheet = page.locator("details.sheet-d");
  if (!(await sheet.evaluate((d) => d.open))) await sheet.locator("summary").first().click();
  const folded = page.locator("details.more", { has: box });
  if ((await folded.count()) > 0 && !(await folded.evaluate((d) => d.open))) await folded.locator("summary").click();
  await box.check();
  await page.waitForURL((url) => url.searchParams.getAll(name).includes(wanted));
  await page.locator("#catalogue:not([aria-busy])").waitFor();
}

async function findProgramme(guest) {
  await guest.visit("/");
  await guest.visit("/programs");
  await tick(guest, "competence", "C031");
  await tick(guest, "price", "free");
  await tick(guest, "shift", "evening");
  await guest.sees("Нашли 1 программу");
  await guest.look("filtered");
  const cards = guest.page.locator("#catalogue a[href^='/programs/']");
  const hrefs = new Set(await cards.evaluateAll((list) => list.map((a) => a.pathname)));
  equal(hrefs.size, 1, "programmes in the list");
  await guest.visit([...hrefs][0]);
  const link = guest.page.locator("a[href^='/cabinet/applications/new?intake=']:visible").first();
  await Promise.all([guest.page.waitForNavigation(), link.click()]);
  truth(guest.page.url().includes("/login?next="), `a guest is asked to log in: ${guest.page.url()}`);
}

async function register(guest, server, email, password) {
  const { page } = guest;
  await Promise.all([page.waitForNavigation(), page.locator("a[href^='/register/citizen']").first().click()]);
  await guest.look();
  await page.fill("[name=last_name]", "Сварщикова");
  await page.fill("[name=first_name]", "Ольга");
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", password);
  await guest.submit("Зарегистрироваться");
  await guest.look();
  const letter = await value(server, `SELECT replace(body_text, chr(10), ' ') FROM mail_message WHERE to_address = '${email}' ORDER BY id DESC LIMIT 1`);
  const link = new URL(/https?:\/\/\S+/.exec(letter)[0]);
  await guest.visit(link.pathname + link.search, "confirm");
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", password);
  await guest.submit("Войти");
  truth(page.url().includes("/cabinet/applications/new"), `after the log-in he is where he wanted: ${page.url()}`);
  await guest.look("profile missing");
  await guest.sees("Заполните профиль");
}

async function fillProfile(guest, snils) {
  const { page } = guest;
  await Promise.all([page.waitForNavigation(), page.getByRole("link", { name: "Заполнить профиль" }).first().click()]);
  await guest.look();
  await page.fill("[name=middle_name]", "Петровна");
  await page.fill("[name=birth_date]", "1990-05-17");
  await page.getByLabel("Женский").check();
  await page.selectOption("[name=citizenship]", "643");
  await page.fill("[name=snils]", WRONG_SNILS);
  const save = page.locator("form[data-dirty] .form-actions button.btn-primary");
  await save.click();
  await guest.sees("Контрольная сумма СНИЛС не сходится");
  await guest.look("wrong snils");
  equal(await page.inputValue("[name=middle_name]"), "Петровна", "what was typed stays");
  await page.fill("[name=snils]", snils);
  await Promise.all([page.waitForNavigation(), save.click()]);
  await guest.look();
  await page.fill("[name=phone]", "+7 912 345-67-89");
  for (const name of ["education_level", "citizen_category"]) await page.selectOption(`[name=${name}]`, { index: 1 });
  await Promise.all([page.waitForNavigation(), save.click()]);
  await guest.look();
}

async function apply(guest, server, intake, email) {
  const { page } = guest;
  await guest.visit(`/cabinet/applications/new?intake=${intake}`, "ready");
  equal(await page.isChecked("[name=consent]"), false, "the consent is ticked by default");
  const submit = page.locator("#apply button[value=submit]");
  await submit.click();
  await guest.sees("Отметьте согласие");
  await guest.look("no consent");
  await page.check("[name=consent]");
  await Promise.all([page.waitForNavigation(), page.locator("#apply button[value=submit]").click()]);
  await guest.sees("Подана");
  await guest.look("submitted");
  const number = /№\s*(\d{4}-\d+)/.exec(await page.innerText("h1"))[1];
  const letters = () => sql(server, `SELECT kind FROM mail_message WHERE to_address = '${email}' AND kind = 'application_submitted'`);
  await until("the letter about the submitted application", async () => (await letters()).length === 1, 10000);
  const card = page.url();
  const again = await page.goto(`/cabinet/applications/new?intake=${intake}`);
  truth(again.status() < 500, `second form: ${again.status()}`);
  await guest.sees("У вас уже есть активная заявка");
  await guest.look("already active");
  return { number, path: new URL(card).pathname };
}

async function clerkAsks(staff, number, path) {
  const { page } = staff;
  await staff.visit(`/cabinet/applications?q=${number}`, "inbox");
  await staff.sees(number);
  await staff.visit(path, "clerk, submitted");
  await staff.submit("Взять в работу");
  await staff.look("clerk, in review");
  await page.getByRole("button", { name: "Запросить документы" }).first().click();
  const dialog = page.locator("dialog:popover-open, dialog[open]");
  await dialog.locator("input[type=checkbox]").first().check();
  await staff.look("clerk, dialog");
  await staff.submit("Запросить документы", dialog);
  await staff.sees("Ждём заявителя");
  await staff.look("clerk, asked");
}

async function learnerSends(guest, path) {
  const { page } = guest;
  await guest.visit(path, "docs required");
  await page.setInputFiles("#documents input[type=file]", { name: "диплом.pdf", mimeType: "application/pdf",
    buffer: Buffer.concat([Buffer.from("%PDF-1.4\n"), Buffer.alloc(40000, 0x20), Buffer.from("\n%%EOF")]) });
  await guest.submit("Загрузить", page.locator("#documents"));
  await guest.sees("Файл приложен");
  await guest.submit("Отправить документы");
  await guest.look("docs review");
}

async function clerkApproves(staff, path) {
  await staff.visit(path, "clerk, docs review");
  await staff.submit("Принять");
  await staff.submit("Одобрить");
  await staff.look("clerk, approved");
}

export async function tell({ server, session, login, width }) {
  const guest = await session(), staff = await session();
  const email = `svarka${width}@example.org`, password = "длинная фраза для сварки";
  await findProgramme(guest);
  const intake = /intake%3D(\d+)/.exec(guest.page.url())?.[1] ?? new URL(new URL(guest.page.url()).searchParams.get("next"), server.url).searchParams.get("intake");
  await register(guest, server, email, password);
  await fillProfile(guest, await freeSnils(server, width));
  const { number, path } = await apply(guest, server, intake, email);
  await staff.login(login("staff"));
  await clerkAsks(staff, number, path);
  await learnerSends(guest, path);
  await clerkApproves(staff, path);
  await guest.visit(path, "approved");
  for (const state of ["Подана", "На рассмотрении", "Требуются документы", "Проверка документов", "Одобрена"]) await guest.sees(state);
  await guest.visit("/cabinet");
  await guest.visit("/cabinet/applications", "own list");
  await guest.visit("/cabinet/profile");
}
