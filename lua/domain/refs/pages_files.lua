--- A reference book as a table: out, and in after a dry run.
local errors = require("kit.errors")
local paths = require("domain.refs.paths")
local respond = require("kit.respond")
local service = require("domain.refs.service")
local transfer = require("domain.refs.transfer")
local fields = require("domain.refs.fields")

local BASE, READ, MANAGE = paths.BASE, { "ref.read" }, { "ref.manage" }

local function export(request)
  local book, err = service.book(request.user, request.params.book)
  if not book then return nil, err end
  local table_list, scope_of = service.list_of(book)
  local scope = scope_of(book, request.query)
  if request.params.kind == "csv" then return table_list:csv(book.title, request.query_all, scope) end
  if request.params.kind == "xlsx" then
    return respond.file(table_list:write_xlsx(book.title, assert(table_list:ask(request.query_all, scope))))
  end
  return nil, errors.not_found("page")
end

local function import_page(request, fault)
  local book, err = service.book(request.user, request.params.book)
  if not book then return nil, err end
  return respond.page(
    request,
    "refs/import",
    { title = "Загрузка таблицы", nav = "refs", book = book, base = paths.of(book.code), fault = fault },
    fault and fault.status
  )
end

local function import_form(request) return import_page(request) end

local function upload(request)
  local id, err = transfer.try(request.user, request.params.book, request:file("file"))
  if not id then return import_page(request, err) end
  return respond.redirect(paths.of(request.params.book, "import", id))
end

local TONES = { new = "ok", changed = "info", wrong = "bad" }

-- Mistakes first: they are what there is to do.
local function verdict_rows(verdicts)
  local wrong, rest = {}, {}
  for _, verdict in ipairs(verdicts) do
    local row = { cells = { tostring(verdict.row), verdict.code, { text = fields.VERDICTS[verdict.verdict], tone = TONES[verdict.verdict] }, verdict.text or "" } }
    table.insert(verdict.verdict == "wrong" and wrong or rest, row)
  end
  return table.move(rest, 1, #rest, #wrong + 1, wrong)
end

local function progress(request)
  local run, err = transfer.find(request.user, paths.id(request))
  if not run then return nil, err end
  local book
  book, err = service.book(request.user, request.params.book)
  if not book then return nil, err end
  return respond.page(
    request,
    "refs/progress",
    {
      title = "Загрузка таблицы",
      nav = "refs",
      book = book,
      base = paths.of(book.code),
      run = run,
      rows = verdict_rows(run.result and run.result.verdicts or {}),
      path = paths.of(book.code, "import", run.id),
    }
  )
end

local function apply(request)
  local id, err = transfer.apply(request.user, request.params.book, paths.id(request))
  if not id then return nil, err end
  return respond.redirect(paths.of(request.params.book, "import", id))
end

return {
  { "GET", BASE .. "/{book}/export/{kind}", export, access = READ, query = fields.LIST, summary = "Выгрузка справочника" },
  { "GET", BASE .. "/{book}/import", import_form, access = MANAGE, summary = "Загрузка справочника из таблицы" },
  { "POST", BASE .. "/{book}/import", upload, access = MANAGE, multipart = { max_bytes = 20 * 1024 * 1024, max_files = 1 }, summary = "Проверить таблицу" },
  { "GET", BASE .. "/{book}/import/{id}", progress, access = MANAGE, summary = "Ход загрузки" },
  { "POST", BASE .. "/{book}/import/{id}/apply", apply, access = MANAGE, summary = "Записать проверенное" },
}
