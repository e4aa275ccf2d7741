--- Pages of the import of resources: upload, verdicts of the dry run, the run.
local csv = require("kit.csv")
local fields = require("domain.resources.fields")
local import = require("domain.resources.import")
local policy = require("domain.resources.policy")
local respond = require("kit.respond")
local service = require("domain.resources.service")

local BASE = "/cabinet/resources/{kind}/import"
local VERDICTS = { new = { "новая", "ok" }, changed = { "изменится", "info" }, wrong = { "ошибка", "bad" } }

local function key(value) return math.tointeger(tonumber((value or ""):match("^%d+$"))) end
local function path(kind, rest) return ("/cabinet/resources/%s%s"):format(kind.code, rest or "") end

local function columns(kind, user)
  local list = {}
  for _, field in ipairs(fields.IMPORT[kind.code]) do
    if not (field.name == "organization_inn" and policy.own_organization(user)) then list[#list + 1] = field end
  end
  return list
end

local function upload_page(request, kind, err)
  local ok, refused = policy.need_manage(request.user, kind, { organization_id = policy.own_organization(request.user) })
  if not ok then return nil, refused end
  return respond.page(request, "resources/import", { title = "Загрузка таблицы", nav = kind.is_person and "staff" or "resources", kind = kind, list = path(kind),
    columns = columns(kind, request.user), fault = err, max_bytes = import.MAX_BYTES, rows_max = fields.IMPORT_ROWS_MAX }, err and err.status or 200)
end

local function with_kind(fn)
  return function(request)
    local kind, err = service.kind(request.params.kind)
    if not kind then return nil, err end
    return fn(request, kind)
  end
end

local show = with_kind(function(request, kind) return upload_page(request, kind) end)

local upload = with_kind(function(request, kind)
  local id, err = import.upload(request.user, kind, request:file("file"))
  if id then return respond.redirect(path(kind, "/import/" .. id)) end
  if err.status == 403 then return nil, err end
  return upload_page(request, kind, err)
end)

local template = with_kind(function(request, kind)
  local titles = {}
  for i, column in ipairs(columns(kind, request.user)) do titles[i] = column.label end
  return respond.stream("text/csv; charset=utf-8", function(write) write(csv.BOM .. csv.line(titles)) end,
    { ["content-disposition"] = respond.disposition(kind.title .. " — образец.csv") })
end)

local report = with_kind(function(request, kind)
  local run, err = import.find(request.user, kind, key(request.params.job))
  if not run then return nil, err end
  local rows = {}
  for i, row in ipairs(run.result and run.result.rows or {}) do
    local verdict = VERDICTS[row.verdict]
    rows[i] = { cells = { tostring(row.number), row.name, { text = verdict[1], tone = verdict[2] }, row.text } }
  end
  return respond.page(request, "resources/report", { title = run.result and not run.result.is_dry and "Загрузка таблицы" or "Проверка таблицы",
    nav = kind.is_person and "staff" or "resources", kind = kind, list = path(kind),
    run = run, report = run.result, rows = rows, path = path(kind, "/import/" .. run.id) })
end)

local confirm = with_kind(function(request, kind)
  local id, err = import.confirm(request.user, kind, key(request.params.job))
  if not id then return nil, err end
  return respond.redirect(path(kind, "/import/" .. id))
end)

local MANAGE = policy.ROUTE_MANAGE
return {
  { "GET", BASE, show, access = MANAGE, summary = "Загрузка таблицы ресурсов" },
  { "POST", BASE, upload, access = MANAGE, multipart = { max_bytes = import.MAX_BYTES, max_files = 1 }, summary = "Проверить таблицу ресурсов" },
  { "GET", BASE .. "/template.csv", template, access = MANAGE, summary = "Образец таблицы ресурсов" },
  { "GET", BASE .. "/{job}", report, access = MANAGE, summary = "Решения по строкам таблицы" },
  { "POST", BASE .. "/{job}/confirm", confirm, access = MANAGE, summary = "Записать проверенную таблицу" },
}
