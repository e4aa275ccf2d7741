// Somebody new comes in through Госуслуги, switches the second factor on, and next time is asked for a code.
import { otp } from "../support/otp.mjs";
import { equal, truth } from "../support/tap.mjs";

export const title = "Госуслуги, then the second factor";

// The other width is another person: identities stay.
const PERSONS = { 1440: "НОВИКОВА-СЕДОВА", 390: "ПРОСТОВ" };

async function comeIn(visitor, name) {
  const { page } = visitor;
  await visitor.visit("/login", "with providers");
  await Promise.all([page.waitForURL("**/dev/esia/**"), page.getByRole("link", { name: "Войти через Госуслуги" }).click()]);
  await visitor.look("mock");
  await Promise.all([page.waitForNavigation(), page.getByRole("button", { name }).click()]);
}

export async function tell({ session, width }) {
  const visitor = await session();
  const { page } = visitor;
  const name = PERSONS[width];
  await comeIn(visitor, name);
  await visitor.sees("Впервые у нас?");
  await visitor.look("newcomer");
  equal(await page.locator("input[type=checkbox]").count(), 0, "boxes ticked beforehand");
  await visitor.submit("Создать учётную запись");
  truth(new URL(page.url()).pathname.startsWith("/cabinet"), page.url());
  await visitor.visit("/cabinet/security", "security");
  await visitor.visit("/cabinet/security/otp", "enrolment");
  await page.getByText("Не получается?").click();
  const key = await page.locator("code.key").innerText();
  await page.fill("[name=code]", "000000");
  await visitor.submit("Включить");
  await visitor.sees("Код не подходит");
  await visitor.look("wrong code");
  await page.fill("[name=code]", otp(key));
  await visitor.submit("Включить");
  await visitor.sees("больше мы их не покажем");
  equal(await page.locator("#recovery-codes li").count(), 10, "recovery codes");
  await visitor.look("recovery codes");
  await visitor.visit("/cabinet/security", "with a second factor");

  const second = await session();
  await comeIn(second, name);
  await second.sees("Код входа");
  await second.look("code");
  await second.page.fill("[name=code]", otp(key, 1));
  await second.submit("Продолжить");
  truth(new URL(second.page.url()).pathname.startsWith("/cabinet"), second.page.url());
  await second.visit("/cabinet/security");
  await Promise.all([second.page.waitForNavigation(), (async () => {
    await second.page.getByRole("button", { name: "Завершить все остальные" }).click();
    await second.page.getByRole("dialog").getByRole("button", { name: "Завершить" }).click();
  })()]);
  await page.goto("/cabinet");
  equal(new URL(page.url()).pathname, "/login", "the first session has ended");
}
