--- Routes of users in bulk: taking the list out, bringing a table in.
local audit = require("kit.audit")
local csv = require("kit.csv")
local fields = require("domain.users.fields")
local form = require("kit.form")
local import = require("domain.users.import")
local policy = require("domain.users.policy")
local present = require("domain.users.present")
local respond = require("kit.respond")
local service = require("domain.users.service")
local store = require("domain.users.store")

local BASE = "/admin/users"
local IMPORT = BASE .. "/import"
local CRUMBS = { { label = "Пользователи", href = BASE } }

-- ---- out

local HEAD = { "Фамилия, имя, отчество", "Электронная почта", "Роли", "Состояние", "Последний вход", "Создан" }

local function line_of(row)
  return csv.line({ row.name or "", row.email or "", present.grant_words(row.grants), present.state(row.state),
    row.last_login_at and row.last_login_at:sub(1, 16) or "", row.created_at:sub(1, 10) })
end

local function filter_words(query_all)
  local words = {}
  for name, values in pairs(query_all) do words[#words + 1] = name .. "=" .. table.concat(values, ",") end
  table.sort(words)
  return table.concat(words, "&")
end

--- The list under these filters as CSV. Names and addresses leave the platform: who, what and why is on record.
local function export(request)
  local ok, err = policy.need_manage(request.user)
  if not ok then return nil, err end
  local why, asked
  why, err = form.parse(fields.EXPORT, request:form())
  if not why then return nil, err end
  asked, err = form.parse(fields.LIST, request.query_all)
  if not asked then return nil, err end
  local filters = service.filters(asked)
  audit.write("user.export", "user_account", nil, { filter = { nil, filter_words(request.query_all) } }, why.reason)
  return respond.stream("text/csv; charset=utf-8", function(write)
    write(csv.BOM .. csv.line(HEAD))
    store.LIST:each({ filters = filters, sort = asked.sort }, function(row) return (write(line_of(row))) and true or false end)
  end, { ["content-disposition"] = respond.disposition("Пользователи.csv") })
end

-- ---- in

local function import_page(request, err)
  return respond.page(request, "users/import", { title = "Загрузка списком", nav = "users", crumbs = CRUMBS, columns = fields.IMPORT,
    by_field = err and err.by_field or {}, fault = err }, err and err.status or 200)
end

local function show_import(request)
  local ok, err = policy.need_manage(request.user)
  if not ok then return nil, err end
  return import_page(request)
end

local function upload(request)
  local id, err = import.upload(request.user, request:file("file"))
  if not id then
    if err.status == 403 then return nil, err end
    return import_page(request, err)
  end
  return respond.redirect(IMPORT .. "/" .. id)
end

local TONES = { new = "ok", role = "info", same = "neu", wrong = "bad" }

local function report_page(request)
  local found, err = import.find(request.user, math.tointeger(tonumber(request.params.id)))
  if not found then return nil, err end
  local report, rows = found.result, {}
  for index, row in ipairs(report and report.rows or {}) do
    local details = {}
    for _, message in pairs(row.fields or {}) do details[#details + 1] = message end
    rows[index] = { cells = { tostring(row.number), { text = row.name or "", sub = row.email }, { text = row.text, tone = TONES[row.verdict] },
      #details > 1 and table.concat(details, "; ") or "" } }
  end
  return respond.page(request, "users/report", { title = "Загрузка списком", nav = "users", crumbs = CRUMBS, job = found, report = report, rows = rows,
    counts = report and report.counts or {} })
end

local function confirm(request)
  local id, err = import.confirm(request.user, math.tointeger(tonumber(request.params.id)))
  if not id then return nil, err end
  return respond.redirect(IMPORT .. "/" .. id)
end

local TEMPLATE = { "Электронная почта", "Фамилия", "Имя", "Отчество", "Роль", "ИНН организации", "СНИЛС", "По какой день" }

local function template()
  return respond.stream("text/csv; charset=utf-8", function(write)
    write(csv.BOM .. csv.line(TEMPLATE))
    write(csv.line({ "petrova@example.ru", "Петрова", "Мария", "Ивановна", "Сотрудник ЦОПП", "", "", "" }))
  end, { ["content-disposition"] = respond.disposition("Образец списка пользователей.csv") })
end

local ACCESS = { "user.manage" }

return {
  { "POST", BASE .. "/export", export, access = ACCESS, body = fields.EXPORT, summary = "Выгрузить найденных пользователей" },
  { "GET", IMPORT, show_import, access = ACCESS, summary = "Загрузка пользователей списком" },
  { "GET", IMPORT .. "/template.csv", template, access = ACCESS, summary = "Образец таблицы" },
  { "POST", IMPORT, upload, access = ACCESS, multipart = { max_bytes = import.MAX_BYTES, max_files = 1 }, summary = "Проверить таблицу пользователей" },
  { "GET", IMPORT .. "/{id}", report_page, access = ACCESS, summary = "Отчёт о загрузке" },
  { "POST", IMPORT .. "/{id}/confirm", confirm, access = ACCESS, summary = "Загрузить проверенную таблицу" },
}
