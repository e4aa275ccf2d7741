// Every page of the platform, from its own routes: by whom it is looked at and with which ids. A new page whose path holds
// an id needs a line in SAMPLES; without one the suites fail and name it.
import { Client } from "./client.mjs";
import { sql, value } from "./inside.mjs";
import { until } from "./server.mjs";

// Who is asked in turn when a page is not public and its line names nobody.
const ROLES = ["staff", "admin", "director", "learner", "teacher", "partner", "coordinator", "customer"];

// Path → one or several { as, sql | path, status }: `sql` gives what stands for the id, or the whole path below the last fixed part.
const SAMPLES = {
  "/cabinet": ["learner", "teacher", "partner", "customer", "staff", "director", "coordinator", "admin"].map((as) => ({ as, path: "/cabinet" })),
  "/cabinet/applications": [{ as: "staff", path: "/cabinet/applications" }, { as: "learner", path: "/cabinet/applications" }],
  "/cabinet/applications/{id}": [
    { as: "staff", sql: "SELECT public_id FROM application WHERE state = 'in_review' ORDER BY id LIMIT 1" },
    { as: "learner", sql: "SELECT a.public_id FROM application a JOIN person p ON p.id = a.person_id JOIN user_account u ON u.id = p.user_id WHERE u.email = 'learner@demo.copp' ORDER BY a.id DESC LIMIT 1" },
  ],
  "/cabinet/applications/new": [{ as: "learner", sql: "SELECT '?intake=' || id FROM intake WHERE state = 'open' AND current_date BETWEEN opens_on AND closes_on ORDER BY id DESC LIMIT 1" }],
  "/cabinet/applications/bulk/{job}": { as: "staff", sql: "SELECT id FROM job WHERE kind = 'applications.bulk' ORDER BY id LIMIT 1" },
  "/cabinet/jobs/{id}": { as: "staff", sql: "SELECT id FROM job WHERE kind = 'applications.bulk' ORDER BY id LIMIT 1" },
  "/cabinet/groups/{id}": [{ as: "staff", sql: "SELECT id FROM study_group WHERE code = 'СВ-1' LIMIT 1" }, { as: "teacher", sql: "SELECT id FROM study_group WHERE code = 'СВ-1' LIMIT 1" }],
  "/cabinet/journal/{group}": { as: "teacher", sql: "SELECT id FROM study_group WHERE code = 'СВ-1' LIMIT 1" },
  "/cabinet/journal/{group}/hours": { as: "staff", sql: "SELECT id FROM study_group WHERE code = 'СВ-1' LIMIT 1" },
  "/cabinet/lessons/{id}": { as: "staff", sql: "SELECT id FROM lesson WHERE state = 'held' ORDER BY id LIMIT 1" },
  "/cabinet/orders/{id}": { as: "staff", sql: "SELECT public_id FROM order_doc ORDER BY id LIMIT 1" },
  "/cabinet/orders/{id}/print": { as: "staff", sql: "SELECT public_id FROM order_doc WHERE state = 'registered' ORDER BY id LIMIT 1" },
  "/cabinet/lessons/{id}/move": { as: "staff", sql: "SELECT '/cabinet/lessons/' || id || '/move' FROM lesson WHERE state = 'published' AND held_on > current_date ORDER BY held_on, id LIMIT 1" },
  "/cabinet/lessons/{id}/substitutes": { as: "staff", sql: "SELECT '/cabinet/lessons/' || id || '/substitutes' FROM lesson WHERE state = 'published' AND held_on > current_date ORDER BY held_on, id LIMIT 1" },
  "/cabinet/lessons/{id}/history": { as: "staff", sql: "SELECT '/cabinet/lessons/' || id || '/history' FROM lesson WHERE state = 'published' AND held_on > current_date ORDER BY held_on, id LIMIT 1" },
  "/cabinet/schedule/print": { as: "staff", sql: "SELECT '/cabinet/schedule/print?group=' || id FROM study_group WHERE code = 'СВ-1'" },
  "/cabinet/schedule": [{ as: "staff", path: "/cabinet/schedule" }, { as: "partner", path: "/cabinet/schedule?view=rooms" }, { as: "staff", path: "/cabinet/schedule?view=list" }, { as: "teacher", path: "/cabinet/schedule" }],
  "/cabinet/schedule/plans/new": { as: "staff", sql: "SELECT '/cabinet/schedule/plans/new?group_ids=' || id FROM study_group WHERE code = 'ЛИН-1' LIMIT 1" },
  "/cabinet/schedule/plans/{id}": { as: "staff", sql: "SELECT id FROM schedule_plan WHERE state = 'ready' ORDER BY id LIMIT 1" },
  "/cabinet/profile": { as: "learner", path: "/cabinet/profile" },
  "/cabinet/profile/{step}": { as: "learner", path: "/cabinet/profile/person" },
  "/cabinet/grades": { as: "learner", path: "/cabinet/grades" },
  "/cabinet/search": { as: "staff", path: "/cabinet/search?q=%D1%81%D0%B2%D0%B0%D1%80%D1%89%D0%B8%D0%BA" },
  "/cabinet/notifications": { as: "learner", path: "/cabinet/notifications" },
  "/cabinet/notifications/settings": { as: "staff", path: "/cabinet/notifications/settings" },
  "/cabinet/notifications/{id}": { as: "learner", sql: "SELECT n.id FROM notification n JOIN user_account u ON u.id = n.user_id WHERE u.email = 'learner@demo.copp' LIMIT 1" },
  "/notifications/stop/{token}": { as: "guest", sql: "SELECT '/notifications/stop/' || stop_token || '?kind=application' FROM notification_setting LIMIT 1" },
  "/admin/refs/{book}": { as: "admin", path: "/admin/refs/competence" },
  "/admin/refs/{book}/sections": { as: "admin", path: "/admin/refs/competence/sections" },
  "/admin/refs/{book}/options": { as: "admin", path: "/admin/refs/competence/options" },
  "/admin/refs/{book}/new": { as: "admin", path: "/admin/refs/competence/new" },
  "/admin/refs/{book}/export/{kind}": { as: "admin", path: "/admin/refs/competence/export/csv" },
  "/admin/refs/{book}/import": { as: "admin", path: "/admin/refs/competence/import" },
  "/admin/refs/{book}/import/{id}": { as: "admin", path: "/admin/refs/competence/import/999999999", status: 404 },
  "/admin/refs/{book}/{id}": { as: "admin", sql: "SELECT '/admin/refs/competence/' || id FROM ref_item WHERE book = 'competence' ORDER BY id LIMIT 1" },
  "/admin/users/{id}": { as: "admin", sql: "SELECT '/admin/users/' || public_id FROM user_account WHERE email = 'staff@demo.copp'" },
  "/admin/users/{id}/merge/{duplicate}": { as: "admin", path: "/admin/users/00000000-0000-0000-0000-000000000000/merge/00000000-0000-0000-0000-000000000001", status: 404 },
  "/admin/users/import/{id}": { as: "admin", path: "/admin/users/import/999999999", status: 404 },
  "/admin/rules/{kind}/{name}": [{ as: "admin", path: "/admin/rules/workflow/application" }, { as: "staff", path: "/admin/rules/workflow/group" }],
  "/admin/rules/{kind}/{name}/states/new": { as: "admin", path: "/admin/rules/workflow/application/states/new" },
  "/admin/rules/{kind}/{name}/states/{code}": [{ as: "admin", path: "/admin/rules/workflow/application/states/approved" }, { as: "staff", path: "/admin/rules/workflow/lesson/states/held" }],
  "/admin/rules/{kind}/{name}/transitions/new": { as: "admin", path: "/admin/rules/workflow/application/transitions/new?from=approved" },
  "/admin/rules/{kind}/{name}/transitions/{key}": [{ as: "admin", path: "/admin/rules/workflow/application/transitions/ask_docs" }, { as: "staff", path: "/admin/rules/workflow/lesson/transitions/move_published" }],
  "/admin/rules/{kind}/{name}/code": [{ as: "admin", path: "/admin/rules/workflow/application/code" }, { as: "staff", path: "/admin/rules/workflow/application/code?part=guards/application" }],
  "/admin/rules/{kind}/{name}/checks": { as: "admin", path: "/admin/rules/workflow/application/checks" },
  "/admin/rules/{kind}/{name}/diff": { as: "admin", path: "/admin/rules/workflow/application/diff?from=none&to=below" },
  "/admin/rules/{kind}/{name}/publish": { as: "admin", path: "/admin/rules/workflow/order/publish", status: 303 },
  "/admin/rules/{kind}/{name}/versions": { as: "admin", path: "/admin/rules/workflow/application/versions" },
  "/admin/rules/{kind}/{name}/effective": { as: "staff", path: "/admin/rules/workflow/application/effective" },
  "/admin/rules/{kind}/{name}/rebase": { as: "admin", path: "/admin/rules/workflow/application/rebase" },
  "/admin/rules/{kind}/{name}/export": { as: "staff", path: "/admin/rules/workflow/application/export" },
  "/admin/rules/{kind}/{name}/runs": { as: "admin", path: "/admin/rules/workflow/application/runs" },
  "/admin/rules/{kind}/{name}/cases": [{ as: "admin", path: "/admin/rules/workflow/application/cases" }, { as: "admin", path: "/admin/rules/workflow/resource/cases" }],
  "/admin/rules/{kind}/{name}/runs/{id}": { as: "admin", path: "/admin/rules/workflow/application/runs/999999999", status: 404 },
  "/admin/rules/{kind}/{name}/versions/{hash}": { as: "admin", path: "/admin/rules/workflow/application/versions/0000000000000000", status: 404 },
  "/admin/plugins/{id}": { as: "admin", path: "/admin/plugins/webhook" },
  "/admin/plugins/archives/{id}": { as: "admin", path: "/admin/plugins/archives/999999999", status: 404 },
  "/admin/roles/{code}": { as: "admin", path: "/admin/roles/staff" },
  "/admin/integrations/signin/{code}": { as: "admin", path: "/admin/integrations/signin/esia" },
  "/admin/pages/{id}": { as: "admin", sql: "SELECT '/admin/pages/' || id FROM site_page ORDER BY id LIMIT 1" },
  "/admin/pages/{id}/preview": { as: "admin", sql: "SELECT '/admin/pages/' || id || '/preview' FROM site_page ORDER BY id LIMIT 1" },
  "/admin/pages/{id}/versions": { as: "admin", sql: "SELECT '/admin/pages/' || id || '/versions' FROM site_page ORDER BY id LIMIT 1" },
  "/admin/pages/{id}/versions/{no}": { as: "admin", sql: "SELECT '/admin/pages/' || page_id || '/versions/' || no FROM site_page_version ORDER BY id LIMIT 1" },
  "/admin/menus/{code}": { as: "admin", path: "/admin/menus/header" },
  "/cabinet/organizations/{id}": { as: "staff", sql: "SELECT id FROM organization WHERE short_name = 'Колледж А'" },
  "/cabinet/organizations/{id}/edit": { as: "staff", sql: "SELECT id FROM organization WHERE short_name = 'Колледж А'" },
  "/cabinet/resources/{kind}": [{ as: "staff", path: "/cabinet/resources/rooms" }, { as: "staff", path: "/cabinet/resources/staff" }, { as: "partner", path: "/cabinet/resources/consumables" }],
  "/cabinet/resources/{kind}/new": [{ as: "partner", path: "/cabinet/resources/rooms/new" }, { as: "partner", path: "/cabinet/resources/staff/new" }, { as: "staff", path: "/cabinet/resources/sites/new" }],
  "/cabinet/resources/{kind}/{id}": [{ as: "staff", sql: "SELECT '/cabinet/resources/rooms/' || min(id) FROM room WHERE kind = 'workshop'" }, { as: "staff", sql: "SELECT '/cabinet/resources/staff/' || min(c.id) FROM staff_resource c JOIN person p ON p.id = c.person_id WHERE p.last_name = 'Петров'" },
    { as: "staff", sql: "SELECT '/cabinet/resources/sites/' || min(id) FROM site" }, { as: "staff", sql: "SELECT '/cabinet/resources/consumables/' || min(id) FROM consumable" }, { as: "staff", sql: "SELECT '/cabinet/resources/equipment/' || max(equipment_id) FROM equipment_unit" }],
  "/cabinet/resources/{kind}/{id}/edit": [{ as: "staff", sql: "SELECT '/cabinet/resources/sites/' || min(id) || '/edit' FROM site" }, { as: "staff", sql: "SELECT '/cabinet/resources/software/' || min(id) || '/edit' FROM software" }],
  "/cabinet/resources/{kind}/{id}/hold": { as: "staff", sql: "SELECT '/cabinet/resources/rooms/' || min(b.resource_id) || '/hold' FROM booking b JOIN room r ON r.id = b.resource_id WHERE lower(b.during) > now()" },
  "/cabinet/resources/{kind}/import": { as: "partner", path: "/cabinet/resources/rooms/import" },
  "/cabinet/resources/{kind}/import/{job}": { as: "partner", path: "/cabinet/resources/rooms/import/999999999", status: 404 },
  "/cabinet/resources/{kind}/import/template.csv": { as: "partner", path: "/cabinet/resources/rooms/import/template.csv" },
  "/cabinet/competences/{id}": { as: "staff", sql: "SELECT id FROM regional_priority ORDER BY id LIMIT 1" },
  "/invitation/{token}": { as: "guest", path: "/invitation/no-such-invitation", status: 410 },
  "/competences/{code}": { as: "guest", sql: "SELECT competence FROM regional_priority ORDER BY id LIMIT 1" },
  "/partners/{id}": { as: "guest", sql: "SELECT id FROM organization WHERE is_partner AND state = 'active' ORDER BY id LIMIT 1" },
  "/pages/{slug}": { as: "guest", sql: "SELECT slug FROM site_page WHERE kind = 'page' AND published_id IS NOT NULL ORDER BY id LIMIT 1" },
  "/news/{slug}": { as: "guest", sql: "SELECT slug FROM site_page WHERE kind = 'news' AND published_id IS NOT NULL ORDER BY id LIMIT 1" },
  "/media/{id}": { as: "guest", path: "/media/00000000-0000-0000-0000-000000000000", status: 404 },
  "/sveden/{part}": { as: "guest", path: "/sveden/common" },
  "/sitemap-programs-{after}.xml": { as: "guest", path: "/sitemap-programs-0.xml" },
  "/email/{token}": { as: "guest", path: "/email/no-such-token", status: 410 },
  "/cabinet/people/{id}": { as: "staff", sql: "SELECT p.public_id FROM person p JOIN enrollment e ON e.person_id = p.id ORDER BY e.id LIMIT 1" },
  "/cabinet/people/{id}/correct": { as: "staff", sql: "SELECT '/cabinet/people/' || p.public_id || '/correct' FROM person p JOIN user_account u ON u.id = p.user_id WHERE u.email = 'learner@demo.copp'" },
  "/cabinet/people/key/{key}": { as: "admin", sql: "SELECT min(id) FROM person", status: 303 },
  "/cabinet/people/{id}/consents": { as: "staff", sql: "SELECT '/cabinet/people/' || p.public_id || '/consents' FROM person p JOIN user_account u ON u.id = p.user_id WHERE u.email = 'learner@demo.copp'" },
  "/guardian/{token}": { as: "guest", path: "/guardian/no-such-token", status: 410 },
  "/cabinet/children/{id}/applications": { as: "learner", path: "/cabinet/children/00000000-0000-0000-0000-000000000000/applications", status: 404 },
  "/admin/mail/{id}": { as: "admin", path: "/admin/mail/application_documents" },
  "/admin/outbox/{id}": { as: "admin", sql: "SELECT id FROM mail_message ORDER BY id LIMIT 1" },
  "/search": { as: "guest", path: "/search?q=%D1%81%D0%B2%D0%B0%D1%80%D0%BA%D0%B0" },
  "/programs/{slug}": { as: "guest", sql: "SELECT slug FROM program WHERE state = 'published' ORDER BY id LIMIT 1" },
  "/password/reset/{token}": { as: "guest", path: "/password/reset/no-such-token", status: 410 },
  "/files/{id}": { as: "staff", path: "/files/00000000-0000-0000-0000-000000000000", status: 404 },
  "/calendar/{token}": { as: "guest", path: "/calendar/no-such-token.ics", status: 404 },
};

// What is no page: answers of machines (the mock of Госуслуги among them), and steps that only lead on.
const NO_PAGES = /^\/(api\/|dev\/(bench|routes|events|esia|oidc)|view$|login\/(code$|new$|with\/|callback\/)|logout$|favicon\.ico$|cabinet\/(grant$|search\/options$|security\/(link|prove)\/)|admin\/brand\/preview\.css$)|\/events$|\/export\.\w+$/; // exports ask for the password again

// Things that the demo region does not have but pages show: an own application, a bulk job, a letter.
export async function prepare(server) {
  const learner = new Client(server.url, server.logins.get("learner@demo.copp"));
  const intake = await value(server, "SELECT id FROM intake WHERE state = 'open' AND current_date BETWEEN opens_on AND closes_on ORDER BY id LIMIT 1");
  await learner.api("POST", "/api/v1/applications", { intake_id: intake, submit: true });
  await until("the learner is told", async () => Number(await value(server, "SELECT count(*) FROM notification")) > 0, 20000);
  const user = await value(server, "SELECT id FROM user_account WHERE email = 'staff@demo.copp'");
  await sql(server, `WITH plan AS (INSERT INTO schedule_plan (kind, title, params, state, result) VALUES ('fill', 'Группа СВ-1', '{}', 'ready', '{"cost": 3,
    "costs": [{"title": "Окна и одиночные пары", "cost": 3}], "groups": [{"group": "СВ-1", "days": 1, "pairs": 1, "windows": 0, "lonely": 1, "longest": 1}],
    "unplaced": [{"title": "СВ-1, Практика (практика)", "pairs": "2 пары", "why": "нет свободного времени"}],
    "blockers": {"text": "Нужно 3 пары, времени — 1.", "courses": ["СВ-1, Практика (практика)"]}}') RETURNING id)
    INSERT INTO schedule_plan_item (plan_id, group_id, module_id, kind, staff_id, room_id, site_id, held_on, starts, zone, minutes, academic_hours)
    SELECT plan.id, l.group_id, l.module_id, l.kind, (SELECT min(staff_id) FROM lesson_teacher), (SELECT min(room_id) FROM lesson_room), l.site_id, l.held_on + 300, l.starts,
      l.zone, 90, 2 FROM plan, (SELECT * FROM lesson WHERE module_id IS NOT NULL ORDER BY id LIMIT 1) l`);
  await sql(server, `INSERT INTO job (kind, payload, state, result, progress, progress_total, created_by, finished_at)
    VALUES ('applications.bulk', '{"action": "take", "user_id": "${user}"}', 'done', '{"action": "take", "done": 3, "failed": 1, "failures": [{"id": "x", "number": "2026-00001", "name": "Иванов Иван", "code": "wrong_state", "text": "Уже в работе."}]}', 4, 4, ${user}, now())`);
}

async function fill(server, route, sample) {
  if (sample.path) return sample.path;
  const found = await value(server, sample.sql);
  if (!found) throw new Error(`${route}: nothing for ${sample.sql}`);
  if (found.startsWith("/")) return found;
  return route.includes("{") ? route.replace(/\{\w+\}/, found) : route + found;
}

// [{ route, as, path, status }] of every page; `problems` names routes that could not be filled in.
export async function pagesOf(server) {
  const { routes } = await (await fetch(`${server.url}/dev/routes`)).json();
  const pages = [], problems = [];
  for (const route of routes) {
    if (route.method !== "GET" || NO_PAGES.test(route.path)) continue;
    const given = [SAMPLES[route.path] ?? (route.path.includes("{") ? [] : { as: route.access === "public" ? "guest" : undefined, path: route.path })].flat();
    if (given.length === 0) problems.push(`${route.path} (${route.source}): no sample in tests/support/pages.mjs`);
    for (const sample of given) {
      try {
        pages.push({ route: route.path, as: sample.as, path: await fill(server, route.path, sample), status: sample.status });
      } catch (error) {
        problems.push(`${route.path} (${route.source}): ${error.message}`);
      }
    }
  }
  return { pages, problems };
}

// Finds for each page who may see it, and drops what is no HTML (exports, feeds, files).
export async function settle(server, pages, problems) {
  const clients = new Map();
  const client = (name) => {
    if (!clients.has(name)) clients.set(name, new Client(server.url, name === "guest" ? undefined : server.logins.get(`${name}@demo.copp`)));
    return clients.get(name);
  };
  const found = [];
  for (const page of pages) {
    let seen;
    for (const name of page.as ? [page.as] : ROLES) {
      seen = { name, answer: await client(name).page("GET", page.path) };
      if (seen.answer.status === (page.status ?? 200) || seen.answer.status === 303) break;
    }
    const { name, answer } = seen;
    if (answer.status === 303 && !page.path.includes("{")) { // leads on: where it leads is a page of its own
      if (!answer.headers.get("location").startsWith("/login")) continue;
    }
    if (answer.status !== (page.status ?? 200)) problems.push(`${page.route}: ${answer.status} for ${name} at ${page.path}: ${answer.text.slice(0, 200)}`);
    else if (/^text\/html/.test(answer.headers.get("content-type") ?? "")) found.push({ ...page, as: name, html: answer.text });
  }
  return found;
}
