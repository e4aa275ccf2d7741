// A group's hours are planned by the platform, watched, compared, refused when the timetable has moved on, published whole.
import { sql, value } from "../support/inside.mjs";
import { truth } from "../support/tap.mjs";

export const title = "A group is planned: draft, price, publishing";

export async function tell({ server, session, login, width }) {
  const code = width > 500 ? "ЛИН-1" : "ПР-1"; // each width has a group of its own
  const group = await value(server, `SELECT id FROM study_group WHERE code = '${code}'`);
  const planned = () => value(server, `SELECT count(*) FROM lesson WHERE group_id = ${group} AND state <> 'cancelled'`);
  const staff = await session();
  const { page } = staff;
  await staff.login(login("staff"));
  await staff.visit("/cabinet/schedule/plans");
  await staff.visit(`/cabinet/schedule/plans/new?group_ids=${group}`, "form");
  await page.locator("[name=seconds]").fill("4");
  await staff.submit("Составить", page.locator('form[action="/cabinet/schedule/plans"]'));
  await staff.sees("Хватит, показать лучшее");
  await page.getByText("Как выглядят недели").waitFor({ timeout: 20000 }); // the page asks again by itself
  await staff.look("ready");
  const before = await planned();
  truth(/Опубликовать: \d+ заняти/.test(await page.locator("main").innerText()), "how many lessons would come");
  // The room of the first lesson is taken meanwhile.
  const [plan] = await sql(server, `SELECT i.plan_id, i.room_id FROM schedule_plan_item i WHERE i.group_id = ${group} ORDER BY i.held_on, i.starts LIMIT 1`);
  await sql(server, `INSERT INTO booking (resource_id, during, purpose, note) SELECT room_id, tstzrange((held_on + starts) AT TIME ZONE zone,
    (held_on + starts + interval '90 minutes') AT TIME ZONE zone), 'event', 'Ремонт ${width}' FROM schedule_plan_item WHERE plan_id = ${plan[0]} ORDER BY held_on, starts LIMIT 1`);
  const publish = async () => {
    await page.getByRole("button", { name: /^Опубликовать: / }).click();
    await page.getByRole("button", { name: "Опубликовать", exact: true }).click();
  };
  await publish();
  await staff.sees("План не опубликован");
  await staff.sees(`Ремонт ${width}`);
  truth((await planned()) === before, "a refused plan leaves the timetable as it was");
  await staff.look("refused");
  await sql(server, `DELETE FROM booking WHERE note = 'Ремонт ${width}'`);
  await publish();
  await staff.sees("План опубликован");
  truth(Number(await planned()) > Number(before), "its lessons are in the timetable");
  truth((await value(server, "SELECT count(*) FROM schedule_plan WHERE state = 'published'")) !== "0", "published");
}
