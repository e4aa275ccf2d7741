// A7: two dispatchers at one board. A dragged lesson says where it may be; the other board follows; who comes second hears why;
// a refused place comes with ways out; a move is taken back; all of it with the keyboard, and on a phone as lists.
import { sql } from "../support/inside.mjs";
import { equal, truth } from "../support/tap.mjs";

export const title = "Dispatcher's board: two at once, refusals in words, ways out, undo";

const GROUP = "БАС-1";
const HOUR_PX = 64;

async function lessonsToCome(server) {
  const rows = await sql(server, `SELECT l.id, l.held_on, to_char(l.starts, 'HH24:MI'), l.group_id FROM lesson l JOIN study_group g ON g.id = l.group_id
    WHERE g.code = '${GROUP}' AND l.state = 'published' AND l.held_on > current_date ORDER BY l.held_on, l.starts LIMIT 2`);
  return rows.map(([id, day, starts, group]) => ({ id, day, starts, group }));
}

const place = async (server, id) => (await sql(server, `SELECT held_on || ' ' || to_char(starts, 'HH24:MI') FROM lesson WHERE id = ${id}`))[0][0];
const minutes = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

// A free time of the same day, from the server's own suggestions.
const freeTime = (page, lesson) => page.evaluate(async ({ id, day }) => {
  const response = await fetch(`/api/v1/lessons/${id}/suggestions`, {
    method: "POST", body: "{}", headers: { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content },
  });
  return (await response.json()).items.find((item) => item.held_on === day && item.kind === "time")?.starts;
}, lesson);

const eventOf = (page, id) => page.locator(".ec-event", { has: page.locator(`[data-lesson="${id}"]`) });

async function drag(page, id, dy, look) {
  await eventOf(page, id).scrollIntoViewIfNeeded();
  const box = await eventOf(page, id).boundingBox();
  const x = box.x + 24;
  const y = box.y + 8;
  await page.mouse.move(x, y);
  const known = page.waitForResponse((response) => response.url().endsWith("/schedule/verdicts"));
  await page.mouse.down();
  await page.mouse.move(x + 4, y + 10);
  await known;
  await page.mouse.move(x, y + dy, { steps: 4 });
  await page.locator("[data-verdict]:not([hidden])").first().waitFor();
  if (look) await look();
  await page.mouse.up();
}

async function wide({ server, session, login }) {
  const [lesson, other] = await lessonsToCome(server);
  const first = await session({ viewport: { width: 1440, height: 1300 } });
  const second = await session({ viewport: { width: 1440, height: 1300 } });
  await first.login(login("staff"));
  await second.login(login("director"));
  const address = `/cabinet/schedule?week=${lesson.day}&group=${lesson.group}`;
  for (const one of [first, second]) {
    await one.page.goto(address);
    await eventOf(one.page, lesson.id).waitFor();
  }
  await first.look("board");

  // A place that is taken: said while dragging and after the drop, with ways out.
  const before = await place(server, lesson.id);
  if (other.day === lesson.day) {
    await drag(first.page, lesson.id, ((minutes(other.starts) - minutes(lesson.starts)) / 60) * HOUR_PX, async () => {
      await first.page.locator(".board-verdict.hard").waitFor();
      truth(/занят/.test(await first.page.locator(".board-verdict").innerText()), "who is busy is said while dragging");
    });
    await first.sees("Предлагаем");
    await first.look("refused");
    equal(await place(server, lesson.id), before, "a refused lesson stays");
    await first.page.keyboard.press("Escape");
  }

  // A free place: green, written, and the other board follows by itself.
  await second.page.evaluate((id) => fetch(`/cabinet/lessons/${id}/move`).then((r) => r.text()), lesson.id); // seen before the move
  await eventOf(second.page, lesson.id).click();
  await second.page.locator("[data-move]").waitFor();
  const free = await freeTime(first.page, lesson);
  await drag(first.page, lesson.id, ((minutes(free) - minutes(lesson.starts)) / 60) * HOUR_PX, () => first.page.locator(".board-verdict.free").waitFor());
  await first.sees("Перенесено:");
  equal(await place(server, lesson.id), `${lesson.day} ${free}`, "the lesson has moved");
  await second.page.locator(`[data-lesson="${lesson.id}"]`, { hasText: free }).waitFor();

  // Who comes second with what he saw before hears who was faster.
  await second.page.locator("[data-move] .sug button", { hasText: "Перенести" }).first().click();
  await second.sees("Соколова");
  equal(await place(server, lesson.id), `${lesson.day} ${free}`, "the loser changed nothing");

  await first.page.locator("[data-panel] button", { hasText: "Отменить" }).click();
  await first.sees("Перенос отменён");
  equal(await place(server, lesson.id), before, "taken back");

  // The keyboard alone: Enter opens the panel, the best place is one more Enter away.
  await first.page.locator(`[data-lesson="${lesson.id}"]`, { hasText: lesson.starts }).waitFor();
  await eventOf(first.page, lesson.id).focus();
  await first.page.keyboard.press("Enter");
  await first.page.locator("[data-move] h2:focus").waitFor();
  await first.look("panel");
  await first.page.locator("[data-move] .sug.best button", { hasText: "В черновик" }).focus();
  await first.page.keyboard.press("Enter");
  await first.page.locator(".ec-event.ghost").waitFor();
  equal(await place(server, lesson.id), before, "a draft holds nothing");
  await first.visit("/cabinet/schedule/draft", "draft");
  await first.submit("Применить");
  await first.look("changes");
  truth((await place(server, lesson.id)) !== before, "the draft was made");
  await first.page.locator(".plan button", { hasText: "Отменить" }).first().click();
  await first.sees("Изменение отменено");
  equal(await place(server, lesson.id), before, "and taken back");
  for (const view of ["rooms", "day"]) {
    await first.page.goto(`${address}&view=${view}`);
    await first.page.locator(".ec-event").first().waitFor();
    await first.look(view);
  }
}

async function phone({ server, session, login }) {
  const [lesson] = await lessonsToCome(server);
  const staff = await session();
  await staff.login(login("staff"));
  await staff.visit(`/cabinet/schedule?week=${lesson.day}&group=${lesson.group}`, "board");
  equal(await staff.page.locator(".ec-event").count(), 0, "no grid on a phone");
  await staff.page.locator(`a[href="/cabinet/lessons/${lesson.id}/move"]`).click();
  await staff.sees("Свободные места");
  await staff.look("move");
  const before = await place(server, lesson.id);
  await staff.submit("Перенести", staff.page.locator(".sug.best"));
  truth((await place(server, lesson.id)) !== before, "moved by a tap");
  await staff.page.getByRole("link", { name: "Отменить" }).click();
  await staff.page.locator(".plan button", { hasText: "Отменить" }).first().click();
  await staff.sees("Изменение отменено");
  equal(await place(server, lesson.id), before, "and back");
}

export const tell = (world) => (world.width >= 768 ? wide(world) : phone(world));
