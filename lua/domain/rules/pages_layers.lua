--- The effective rule word by word with its origin, what changed below it, and texts carried as a file.
local core_files = require("core.files")
local differ_view = require("domain.rules.differ_view")
local drafts = require("domain.rules.drafts")
local effective = require("domain.rules.effective")
local errors = require("kit.errors")
local fields = require("domain.rules.form_fields")
local flow = require("domain.rules.flow")
local form = require("kit.form")
local frame = require("domain.rules.frame")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.rules.service")

local MOST_BYTES = 2 * 1024 * 1024
local PATH = frame.BASE .. "/{kind}/{name}"
local LAYER_TONES = { product = "neu", region = "vio", published = "info", organization = "warn" }
local SECTIONS = { states = "Состояния", transitions = "Переходы", guards = "Условия", reads = "Что видят условия", conditions = "Условия словами" }

local function open(request)
  local id, organization_id = frame.id_of(request)
  return service.get(request.user, id, organization_id)
end

-- A guard is a function: its words stand for it.
local function value_of(entry, conditions)
  return conditions[entry.path:match("^guards%.(.+)$") or ""] or entry.value
end

-- Entries by section; the rest of the words stands first.
local function sections_of(entries, only_own, conditions)
  local groups, by_name = {}, {}
  for _, entry in ipairs(entries) do
    if not only_own or entry.layer ~= "product" then
      local name = entry.path:match("^(%w+)%.") or ""
      if not by_name[name] then
        by_name[name] = { title = SECTIONS[name] or "Общее", rows = {} }
        groups[#groups + 1] = by_name[name]
      end
      table.insert(by_name[name].rows, { cells = { entry.path, value_of(entry, conditions), { text = flow.LAYERS[entry.layer], tone = LAYER_TONES[entry.layer] },
        entry.file and ("%s:%d"):format(entry.file, entry.line or 0) or "—" } })
    end
  end
  return groups
end

local function show(request)
  local card, err = open(request)
  if not card then return nil, err end
  local entries
  entries, err = effective.get(request.user, card.id, card.organization_id)
  if not entries then return nil, err end
  local only_own = request.query.own == "1"
  local groups = sections_of(entries, only_own, card.set.data.conditions or {})
  return frame.page(request, card, "effective", "rules/effective", { groups = groups, only_own = only_own, count = #entries })
end

-- ---- the layer below has changed

local function say(value) return value or "—" end

local function rebase(request)
  local card, err = open(request)
  if not card then return nil, err end
  local found, fault = effective.rebase(request.user, card.id, card.organization_id)
  if not found and fault.status ~= 409 then return nil, fault end
  local rows = {}
  for index, path in ipairs(found and found.paths or {}) do
    rows[index] = { cells = { { text = path.path, sub = path.file and ("%s:%d"):format(path.file, path.line or 0) or nil }, say(path.base), say(path.lower),
      say(path.own), path.is_conflict and { text = "Решить", tone = "warn" } or { text = "Согласуется", tone = "ok" } } }
  end
  return frame.page(request, card, "versions", "rules/rebase", { found = found, fault = fault, rows = rows,
    files = differ_view.parts(found and found.files or {}), crumb = "Слой ниже", title = "Что изменилось в слое ниже" })
end

-- ---- a file

local function export(request)
  local card, err = open(request)
  if not card then return nil, err end
  local files = {}
  if card.draft and card.can_manage then
    files = drafts.get(request.user, card.id, card.organization_id).files
  else
    for _, layer in ipairs(card.layers) do
      if layer.name == (card.organization_id == 0 and "published" or "organization") then files = layer.files end
    end
  end
  local response = respond.text(json.encode({ pack = card.id, files = json.object(files) }), 200, "application/json")
  response.headers["content-disposition"] = respond.disposition(("rules-%s.json"):format(card.id:gsub("/", "-")))
  return response
end

local function read_upload(request, card)
  local upload = request:file("file")
  if not upload or upload.size == 0 then return nil, errors.invalid("file", "required", "Выберите файл, который выгрузили здесь раньше.") end
  local text = core_files.read(upload.path, MOST_BYTES)
  local given = text and json.decode(text)
  if type(given) ~= "table" or type(given.files) ~= "table" then return nil, errors.invalid("file", "format", "Это не файл выгрузки правил.") end
  if given.pack ~= card.id then return nil, errors.invalid("file", "other_pack", ("Файл от другого набора: %s."):format(tostring(given.pack))) end
  return given.files
end

local function import(request)
  local card, err = open(request)
  if not card then return nil, err end
  local input, files, draft
  input, err = form.parse(fields.DROP, request:form())
  if not input then return nil, err end
  files, err = read_upload(request, card)
  if files then draft, err = drafts.save(request.user, card.id, { organization_id = card.organization_id, files = files, version = input.version }) end
  local back = frame.link(card, "/code")
  if draft then return respond.redirect(back, { notice = "Файл загружен в черновик. Проверьте и опубликуйте" }) end
  if err.status == 422 or err.status == 409 then return respond.redirect(back, { notice = err.text, tone = "bad" }) end
  return nil, err
end

local READ, MANAGE = { "rule.read" }, { "rule.manage" }

return {
  { "GET", PATH .. "/effective", show, access = READ, summary = "Правило целиком: какое слово из какого слоя" },
  { "GET", PATH .. "/rebase", rebase, access = READ, summary = "Что изменилось в слое ниже" },
  { "GET", PATH .. "/export", export, access = READ, summary = "Выгрузить правила файлом" },
  { "POST", PATH .. "/import", import, access = MANAGE, summary = "Загрузить правила из файла в черновик" },
}
