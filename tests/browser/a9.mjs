// A9: the teacher marks and signs today's lesson on whatever he has in his hands; staff opens it again with a reason.
import { sql, value } from "../support/inside.mjs";
import { equal, truth } from "../support/tap.mjs";

export const title = "A9: marks, topic and signature of today's lesson";

// A lesson of the demo's teacher that has begun and is not signed; the other width gets another one.
async function todays(server) {
  const rows = await sql(server, `SELECT l.id, l.group_id FROM lesson l JOIN lesson_teacher t ON t.lesson_id = l.id
    JOIN staff_resource c ON c.id = t.staff_id JOIN person p ON p.id = c.person_id JOIN user_account u ON u.id = p.user_id
    WHERE u.email = 'teacher@demo.copp' AND l.state IN ('published', 'held') AND lower(l.during) <= now()
    ORDER BY l.held_on DESC, l.starts DESC LIMIT 1`);
  truth(rows.length === 1, "the teacher has no lesson that has begun");
  return { id: rows[0][0], group: rows[0][1] };
}

async function mark(teacher) {
  const { page } = teacher;
  const rows = page.locator("form[action$='/marks'] fieldset");
  const count = await rows.count();
  truth(count >= 12, `learners of the lesson: ${count}`);
  const codes = ["sick", "late"];
  for (let i = 0; i < count; i++) {
    const code = codes[i] ?? "present";
    await rows.nth(i).locator(`input[value=${code}]`).check({ force: true });
  }
  await teacher.submit("Сохранить отметки");
  await teacher.look("marked");
  return count;
}

export async function tell({ server, session, login }) {
  const teacher = await session(), staff = await session();
  const { page } = teacher;
  await teacher.login(login("teacher"));
  await teacher.visit("/cabinet");
  await teacher.visit("/cabinet/schedule");
  const { id, group } = await todays(server), path = `/cabinet/lessons/${id}`;
  await teacher.visit(path, "open");
  const count = await mark(teacher);
  const marks = await sql(server, `SELECT mark, count(*) FROM attendance WHERE lesson_id = ${id} GROUP BY mark ORDER BY mark`);
  equal(marks, [["late", "1"], ["present", String(count - 2)], ["sick", "1"]], "marks");
  await page.fill("[name=topic]", "Дуговая сварка, безопасность");
  await page.fill("[name=homework]", "Прочитать главу 3");
  await teacher.submit("Сохранить", page.locator("form[action$='/page']"));
  await teacher.submit("Подписать журнал");
  await teacher.sees("Журнал подписан");
  await teacher.look("signed");
  equal(await value(server, `SELECT state FROM lesson WHERE id = ${id}`), "signed", "state");

  const future = await value(server, `SELECT l.id FROM lesson l JOIN lesson_teacher t ON t.lesson_id = l.id JOIN staff_resource c ON c.id = t.staff_id
    JOIN person p ON p.id = c.person_id JOIN user_account u ON u.id = p.user_id WHERE u.email = 'teacher@demo.copp'
    AND l.state = 'published' AND lower(l.during) > now() + interval '1 day' ORDER BY l.held_on LIMIT 1`);
  await teacher.visit(`/cabinet/lessons/${future}`, "future");
  await teacher.sees("Занятие ещё не началось");
  equal(await page.getByRole("button", { name: "Сохранить отметки" }).count(), 0, "buttons to mark a future lesson");

  await staff.login(login("staff"));
  await staff.visit(path, "staff, signed");
  await staff.page.getByRole("button", { name: "Открыть для правки" }).click();
  const dialog = staff.page.locator("dialog:popover-open, dialog[open]");
  await staff.look("staff, dialog");
  await dialog.locator("[name=reason]").fill("Ошибка в отметке");
  await staff.submit("Открыть для правки", dialog);
  equal(await value(server, `SELECT state FROM lesson WHERE id = ${id}`), "held", "state after it was opened");

  await teacher.visit(path, "opened again");
  await page.locator("form[action$='/marks'] fieldset").first().locator("input[value=excused]").check({ force: true });
  await teacher.submit("Сохранить отметки");
  await staff.visit(path, "staff, edited");
  await staff.page.getByText("Журнал правок").click();
  await staff.look("history");
  const history = await staff.page.locator("details:has-text('Журнал правок')").innerText();
  truth(/бол\S* → .*уваж/i.test(history), `both values in the history: ${history.slice(0, 500)}`);
  truth(history.includes("Ошибка в отметке"), `the reason in the history: ${history.slice(0, 500)}`);
  const day = await value(server, `SELECT to_char(held_on, 'YYYY-MM') FROM lesson WHERE id = ${id}`);
  await teacher.visit(`/cabinet/journal/${group}?month=${day}`, "grid");
  await teacher.visit(`/cabinet/journal/${group}/hours?month=${day}`, "hours");
  await teacher.sees("Посещаемость");
}
