// The search of the cabinet from the keyboard alone: Ctrl K in any layout, the list, the page without scripts.
import { equal, truth } from "../support/tap.mjs";

export const title = "The search of the cabinet by keyboard";

export async function tell({ session, login, width }) {
  const staff = await session();
  const { page } = staff;
  await staff.login(login("staff"));
  if (width >= 992) {
    await page.keyboard.press("Control+KeyK");
    equal(await page.evaluate(() => document.activeElement.id), "global-search", "focus after Ctrl K");
    await page.keyboard.type("ghbrfps");
    await page.locator("#palette [role=option]").first().waitFor();
    await staff.look("palette open");
    await page.keyboard.press("ArrowDown");
    truth(await page.getAttribute("#global-search", "aria-activedescendant"), "an option is active");
    await page.keyboard.press("Escape");
    equal(await page.getAttribute("#global-search", "aria-expanded"), "false", "expanded after Escape");
    await page.keyboard.type(" ");
    await page.locator("#palette [role=option]").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await Promise.all([page.waitForURL("**/cabinet/orders"), page.keyboard.press("Enter")]);
  }
  await staff.visit("/cabinet/search?q=" + encodeURIComponent("сварщик"), "results");
  await staff.sees("Нашли");
}
