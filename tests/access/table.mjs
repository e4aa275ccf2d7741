// docs/permissions.md: written from what a running server says and does.
const MARK = { in: "да", no: "нет", login: "вход" };
const SCOPE = { none: "", own: "своё", organization: "орг.", all: "всё" };

const row = (cells) => `| ${cells.join(" | ")} |`;
const head = (cells) => [row(cells), row(cells.map(() => "---"))];

function operations(roles) {
  const lines = head(["право", "что можно", ...roles.map((role) => role.name)]);
  for (const rule of [...roles[0].rules].sort((a, b) => (a.permission < b.permission ? -1 : 1))) {
    const cells = roles.map((role) => SCOPE[role.rules.find((r) => r.permission === rule.permission).scope]);
    lines.push(row([`\`${rule.permission}\``, rule.label, ...cells]));
  }
  return lines;
}

const access = (route) => (Array.isArray(route.access) ? route.access.map((p) => `\`${p}\``).join(", ") : route.access === "public" ? "все" : "вошедшие");

export const key = (route) => `${route.method} ${route.path}`;

function routes(list, names, found) {
  const lines = head(["маршрут", "кому объявлен", ...names]);
  for (const route of list) lines.push(row([`\`${key(route)}\``, access(route), ...names.map((name) => MARK[found.get(key(route))[name]])]));
  return lines;
}

export function document(roles, sets, list, names, found) {
  const api = list.filter((route) => route.path.startsWith("/api/"));
  const pages = list.filter((route) => !route.path.startsWith("/api/"));
  return [
    "# Кто что может",
    "",
    "Эту страницу пишет `tests/access/run --write` по работающей платформе; набор тестов `access` сверяет её с тем, что происходит на самом деле.",
    "Права ролей меняет администратор («Роли и права»); здесь то, что в поставке. Охват: «своё», «орг.» (своя организация), «всё».",
    "", "## Права ролей", "", ...operations(roles),
    "", "## Наборы прав: что они добавляют к роли", "", ...operations(sets),
    "", "## Маршруты", "",
    "Спрошено без данных и с несуществующими номерами. «да»: пустили внутрь (дальше решает охват), «нет»: 403, «вход»: сначала нужно войти.",
    "", "### API", "", ...routes(api, names, found),
    "", "### Страницы", "", ...routes(pages, names, found), "",
  ].join("\n");
}
