// An administrator makes a page of blocks and puts it into the menu; a visitor reads it. The list of programmes works in a frame of
// another site, other pages do not.
import { createServer } from "node:http";
import { truth } from "../support/tap.mjs";

export const title = "Site: a page of blocks, a menu, a frame";

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

async function makePage(admin, name, slug) {
  const { page } = admin;
  await admin.visit("/admin/pages");
  await admin.visit("/admin/pages/new");
  await page.fill("[name=title]", name);
  await page.fill("[name=slug]", slug);
  await admin.submit("Создать черновик");
  await admin.look("empty");
  await admin.submit("Текст");
  await page.locator(".ql-editor").first().click();
  await page.keyboard.type("Здесь написано главное");
  await admin.submit("Вопросы и ответы");
  await page.locator("[name$='.question']").fill("Сколько это стоит?");
  await page.locator(".blk .ql-editor").last().click();
  await page.keyboard.type("Нисколько");
  await admin.submit("Картинка", page.getByRole("region", { name: "Добавить блок" }));
  await admin.submit("Сохранить и опубликовать");
  await admin.sees("Заполните поле «Файл картинки»");
  await admin.look("refused");
  await page.locator("input[type=file][name$='.file_upload']").setInputFiles({ name: "мастерская.png", mimeType: "image/png", buffer: PNG });
  await page.locator("[name$='.alt']").fill("Мастерская с окнами");
}

// The picture goes to the top: by the button, without a reload.
async function order(admin) {
  const { page } = admin;
  const last = page.locator(".blk").last();
  await last.getByRole("button", { name: "Поднять блок «Картинка»" }).press("Enter");
  await last.getByRole("button", { name: "Поднять блок «Картинка»" }).count();
  await page.locator(".blk", { hasText: "Что на картинке" }).getByRole("button", { name: "Поднять блок «Картинка»" }).press("Enter");
  truth((await page.locator(".blk h2").allInnerTexts()).join() === "Картинка,Текст,Вопросы и ответы", "the picture stands first");
  await admin.submit("Сохранить и опубликовать");
  await admin.sees("Опубликовано: версия 1");
  await admin.look("published");
}

async function intoMenu(admin, name, slug) {
  const { page } = admin;
  await admin.visit("/admin/menus/header");
  await admin.submit("Пункт меню");
  await page.locator(".blk").last().locator("[name$='.label']").fill(name);
  await page.locator(".blk").last().locator("[name$='.href']").fill(`/pages/${slug}`);
  await admin.submit("Сохранить меню");
  await admin.sees("Меню сохранено");
}

async function read(visitor, name, slug) {
  const { page } = visitor;
  await visitor.visit("/");
  if (visitor.width < 1100) await page.getByRole("button", { name: "Меню", exact: true }).click();
  await Promise.all([page.waitForURL(`**/pages/${slug}`), page.getByRole("link", { name, exact: true }).locator("visible=true").first().click()]);
  await visitor.sees("Здесь написано главное");
  truth(await page.getByRole("img", { name: "Мастерская с окнами" }).evaluate((img) => img.naturalWidth > 0), "the picture is public");
  await page.getByText("Сколько это стоит?").click();
  await visitor.sees("Нисколько");
  await visitor.look("page of blocks");
}

// A page of another origin with both frames.
async function frames(visitor, url) {
  const foreign = createServer((request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="ru"><title>Колледж</title><h1>Колледж</h1><iframe name="good" title="Программы" src="${url}/embed/programs?limit=2" width="600" height="500"></iframe><iframe name="bad" title="Каталог" src="${url}/programs"></iframe></html>`);
  });
  await new Promise((resolve) => foreign.listen(0, "127.0.0.1", resolve));
  try {
    const page = await visitor.context.newPage();
    await page.goto(`http://127.0.0.1:${foreign.address().port}/`);
    const good = page.frame({ name: "good" });
    await good.getByRole("link").first().waitFor();
    truth((await good.locator("article.prog").count()) === 2, "two programmes in the frame");
    truth((await good.locator("script").count()) === 0, "no scripts in the frame");
    truth((await good.evaluate(() => getComputedStyle(document.querySelector("article.prog")).borderRadius)) !== "0px", "the frame has our styles");
    const bad = page.frame({ name: "bad" });
    truth(!(await bad.content().catch(() => "")).includes("Программы обучения"), "other pages refuse to be framed");
    await good.getByRole("link", { name: "Все программы" }).click();
    await page.waitForURL(`${url}/programs`);
    await page.close();
  } finally {
    foreign.close();
  }
}

// Feeds are read by an XML parser, not by eye; structured data by one of JSON.
async function feeds(visitor) {
  const { page } = visitor;
  await page.goto("/programs/svarshchik-ruchnoj-dugovoj-svarki");
  const found = await page.evaluate(async () => {
    const parse = async (path) => new DOMParser().parseFromString(await (await fetch(path)).text(), "application/xml");
    const counts = {};
    for (const [path, item] of [["/feeds/programs.rss", "item"], ["/feeds/news.rss", "item"], ["/sitemap.xml", "sitemap"], ["/sitemap-pages.xml", "url"], ["/sitemap-programs-0.xml", "url"]]) {
      const xml = await parse(path);
      counts[path] = xml.querySelector("parsererror") ? -1 : xml.getElementsByTagName(item).length;
    }
    const data = JSON.parse(document.querySelector('script[type="application/ld+json"]').textContent);
    return { counts, types: data["@graph"].map((part) => part["@type"]), instances: data["@graph"][0].hasCourseInstance.length };
  });
  for (const [path, count] of Object.entries(found.counts)) truth(count > 0, `${path} is XML with entries: ${count}`);
  truth(found.types.join() === "Course,BreadcrumbList" && found.instances > 0, "the programme is described for search engines");
}

export async function tell({ server, session, login, width }) {
  const name = `Про мастерскую ${width}`, slug = `masterskaya-${width}`;
  const admin = await session();
  await admin.login(login("admin"));
  await makePage(admin, name, slug);
  await order(admin);
  await intoMenu(admin, name, slug);
  await admin.visit("/admin/embed");
  const visitor = await session();
  await read(visitor, name, slug);
  await visitor.page.goto("/nichego");
  await visitor.look("404");
  await frames(visitor, server.url);
  await feeds(visitor);
  const staff = await session();
  await staff.login(login("staff"));
  await staff.visit("/cabinet/competences");
  await staff.visit("/cabinet/competences/new");
}
