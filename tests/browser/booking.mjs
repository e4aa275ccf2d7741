// A second booking of a busy teacher is refused in words, with free places to choose from.
import { sql } from "../support/inside.mjs";
import { truth } from "../support/tap.mjs";

export const title = "Double booking: said in words, with free places";

export async function tell({ server, session, login }) {
  const staff = await session();
  const { page } = staff;
  const [held_on, starts, teacher, room, other] = (await sql(server, `SELECT l.held_on, to_char(l.starts, 'HH24:MI'), t.staff_id, r.room_id,
    (SELECT g.id FROM study_group g WHERE g.state = 'studying' AND g.id <> l.group_id ORDER BY g.id LIMIT 1)
    FROM lesson l JOIN lesson_teacher t ON t.lesson_id = l.id JOIN lesson_room r ON r.lesson_id = l.id
    WHERE l.state = 'published' AND l.held_on > current_date ORDER BY l.held_on, l.id LIMIT 1`))[0];
  await staff.login(login("staff"));
  await staff.visit("/cabinet/groups");
  await staff.visit("/cabinet/orders");
  await staff.visit(`/cabinet/lessons/new?group=${other}`, "empty");
  const form = page.locator("form[data-lesson-form]");
  await form.locator("[name=held_on]").fill(held_on);
  await form.locator("[name=starts]").fill(starts);
  await form.locator("[name=teacher_ids]").selectOption(teacher);
  await form.locator("[name=room_ids]").selectOption(room);
  await staff.submit("Поставить занятие", form);
  await staff.sees("Свободно в другое время");
  const words = await page.locator("#lesson-conflicts").innerText();
  truth(/занят/.test(words) && /группа /.test(words), `who is busy and where: ${words}`);
  truth((await page.locator("#lesson-conflicts .sug").count()) >= 1, "free places");
  await staff.look("refused");
}
