--- JSON of rules. A pack is named by two words of the address: /api/v1/rules/workflow/application.
local answers = require("domain.rules.answers")
local api_dry_runs = require("domain.rules.api_dry_runs")
local drafts = require("domain.rules.drafts")
local effective = require("domain.rules.effective")
local fields = require("domain.rules.fields")
local json = require("core.json")
local layers = require("domain.rules.layers")
local publishing = require("domain.rules.publishing")
local respond = require("kit.respond")
local service = require("domain.rules.service")
local shape = require("kit.shape")

local READ, MANAGE = { "rule.read" }, { "rule.manage" }
local BASE = "/api/v1/rules"
local act, id_of, input_of, null = answers.act, answers.id_of, answers.input_of, answers.null

local function files_json(files)
  return json.object(files or {})
end

local function active_json(active)
  if not active then return json.null end
  return { hash = null(active.hash), set_hash = null(active.set_hash), canary_hash = null(active.canary_hash), canary_share = active.canary_share,
    version = active.version, updated_at = null(active.updated_at), who = null(active.who) }
end

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  local items = {}
  for index, pack in ipairs(found) do
    items[index] = { id = pack.id, kind = pack.kind, title = pack.title, layers = json.array(pack.layers), set_hash = pack.set_hash,
      hash = null(pack.hash), canary_share = pack.canary_share, has_draft = pack.has_draft, organizations = pack.organizations }
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function show(request)
  local input, err = input_of(request, fields.LAYER)
  local card
  if input then card, err = service.get(request.user, id_of(request), input.organization_id) end
  if not card then return nil, err end
  local parts, levels = {}, {}
  for index, part in ipairs(card.parts) do parts[index] = part.part end
  for index, layer in ipairs(card.layers) do levels[index] = { name = layer.name, files = files_json(layer.files) } end
  return respond.json({ id = card.id, kind = card.kind, title = card.title, parts = json.array(parts), layers = json.array(levels),
    set_hash = card.set.hash, active = active_json(card.active), has_draft = card.draft ~= nil })
end

local function draft_json(draft)
  return { files = files_json(draft.files), version = draft.version, base_version = draft.base_version, updated_at = null(draft.updated_at),
    who = null(draft.who) }
end

local function show_draft(request)
  local input, err = input_of(request, fields.LAYER)
  local draft
  if input then draft, err = drafts.get(request.user, id_of(request), input.organization_id) end
  if not draft then return nil, err end
  return respond.json(draft_json(draft))
end

local function version_json(version)
  local report = version.report and json.decode(version.report)
  return { hash = version.hash, state = version.state, comment = version.comment, layer = version.layer, organization_id = version.organization_id,
    set_hash = null(version.set_hash), parent_hash = null(version.parent_hash), created_at = version.created_at, who = null(version.who),
    published_at = null(version.published_at), is_genuine = publishing.is_genuine(version), report = report and report or json.null }
end

local function versions(request)
  local input, err = input_of(request, fields.LAYER)
  local found
  if input then found, err = service.versions(request.user, id_of(request), input.organization_id) end
  if not found then return nil, err end
  local items = {}
  for index, version in ipairs(found) do items[index] = version_json(version) end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function show_version(request)
  local version, err = service.version(request.user, id_of(request), request.params.hash)
  if not version then return nil, err end
  local answer = version_json(version)
  answer.files = files_json(layers.files(version.files))
  return respond.json(answer)
end

local function history(request)
  local input, err = input_of(request, fields.LAYER)
  local found
  if input then found, err = service.history(request.user, id_of(request), input.organization_id) end
  if not found then return nil, err end
  local items = {}
  for index, one in ipairs(found) do
    items[index] = { id = tostring(one.id), from_hash = null(one.from_hash), to_hash = null(one.to_hash), canary_share = one.canary_share,
      reason = one.reason, at = one.at, who = null(one.who) }
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function hunks_json(given)
  local hunks = {}
  for number, hunk in ipairs(given) do
    local lines = {}
    for position, line in ipairs(hunk) do
      lines[position] = { mark = line.mark, before = null(line.before), after = null(line.after), text = line.text }
    end
    hunks[number] = json.array(lines)
  end
  return json.array(hunks)
end

local function show_effective(request)
  local input, err = input_of(request, fields.LAYER)
  local found
  if input then found, err = effective.get(request.user, id_of(request), input.organization_id) end
  if not found then return nil, err end
  local items = {}
  for index, entry in ipairs(found) do
    items[index] = { path = entry.path, value = entry.value, layer = entry.layer, file = null(entry.file), line = null(entry.line) }
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function rebase(request)
  local input, err = input_of(request, fields.LAYER)
  local found
  if input then found, err = effective.rebase(request.user, id_of(request), input.organization_id) end
  if not found then return nil, err end
  local files, paths = {}, {}
  for index, file in ipairs(found.files) do files[index] = { file = file.file, hunks = hunks_json(file.hunks) } end
  for index, one in ipairs(found.paths) do
    paths[index] = { path = one.path, base = null(one.base), lower = null(one.lower), own = null(one.own), is_conflict = one.is_conflict,
      file = null(one.file), line = null(one.line) }
  end
  return respond.json({ is_behind = found.is_behind, error = null(found.error), files = json.array(files), paths = json.array(paths) })
end

local function diff(request)
  local input, err = input_of(request, fields.DIFF)
  local found
  if input then found, err = service.diff(request.user, id_of(request), input) end
  if not found then return nil, err end
  local items = {}
  for index, part in ipairs(found) do
    items[index] = { part = part.part, hunks = hunks_json(part.hunks) }
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local text, maybe = shape.text, shape.maybe
local integer, boolean = shape.integer, shape.boolean
local FILES = { type = "object", additionalProperties = text }
local FINDING = shape.object({ severity = shape.enum({ "error", "warning" }), code = text, text = text, layer = maybe(text), part = maybe(text),
  file = maybe(text), line = maybe(integer), path = maybe(text) })
local TEST = shape.object({ name = text, ok = boolean, text = maybe(text), file = maybe(text), line = maybe(integer) })
local ACTIVE = { hash = maybe(text), set_hash = maybe(text), canary_hash = maybe(text), canary_share = integer, version = integer,
  updated_at = maybe(shape.moment), who = maybe(text) }

local PATH = BASE .. "/{kind}/{name}"

local routes = {
  schemas = {
    RulePack = shape.object({ id = text, kind = text, title = text, set_hash = text }, { layers = { type = "array" }, hash = maybe(text),
      canary_share = integer, has_draft = boolean, organizations = integer, parts = shape.list(text), active = maybe(shape.object(ACTIVE)) }),
    RuleDraft = shape.object({ files = FILES, version = integer, base_version = integer, updated_at = maybe(shape.moment), who = maybe(text) }),
    RuleReport = shape.object({ ok = boolean, errors = integer, warnings = integer, failed = integer, set_hash = maybe(text),
      findings = shape.list(FINDING), tests = shape.list(TEST), coverage = shape.any, untested = shape.list(text) }),
    RuleActive = shape.object(ACTIVE),
    RuleVersion = shape.object({ hash = text, state = text, comment = text, layer = text, organization_id = integer, set_hash = maybe(text),
      parent_hash = maybe(text), created_at = shape.moment, who = maybe(text), published_at = maybe(shape.moment), is_genuine = boolean },
      { report = maybe(shape.any), files = FILES }),
    RuleSwitch = shape.object({ id = shape.id, from_hash = maybe(text), to_hash = maybe(text), canary_share = integer, reason = text, at = shape.moment,
      who = maybe(text) }),
    RuleWord = shape.object({ path = text, value = text, layer = text, file = maybe(text), line = maybe(integer) }),
    RuleRebase = shape.object({ is_behind = boolean, error = maybe(text), files = { type = "array" }, paths = { type = "array" } }),
    RuleDiff = shape.object({ part = text, hunks = { type = "array" } }),
  },
  { "GET", BASE, list, access = READ, returns = "RulePackList", summary = "Наборы правил" },
  { "GET", PATH, show, access = READ, query = fields.LAYER, returns = "RulePack", summary = "Набор правил: слои и что действует" },
  { "GET", PATH .. "/draft", show_draft, access = MANAGE, query = fields.LAYER, returns = "RuleDraft", summary = "Черновик правил" },
  { "PUT", PATH .. "/draft", act(fields.DRAFT, drafts.save, draft_json), access = MANAGE, body = fields.DRAFT, returns = "RuleDraft",
    summary = "Сохранить черновик правил" },
  { "POST", PATH .. "/check", act(fields.CHECK, drafts.check, answers.report), access = MANAGE, body = fields.CHECK, returns = "RuleReport", status = 200,
    summary = "Проверить черновик или присланные файлы" },
  { "GET", PATH .. "/versions", versions, access = READ, query = fields.LAYER, returns = "RuleVersionList", summary = "Версии правил" },
  { "POST", PATH .. "/versions", act(fields.KEEP, publishing.keep, version_json, 201), access = MANAGE, body = fields.KEEP, returns = "RuleVersion",
    summary = "Сделать версию из черновика или присланных файлов" },
  { "GET", PATH .. "/versions/{hash}", show_version, access = READ, returns = "RuleVersion", summary = "Версия правил с её текстами" },
  { "GET", PATH .. "/history", history, access = READ, query = fields.LAYER, returns = "RuleSwitchList", summary = "Кто и почему переключал правила" },
  { "GET", PATH .. "/effective", show_effective, access = READ, query = fields.LAYER, returns = "RuleWordList",
    summary = "Что действует: каждое слово правила, его слой, файл и строка" },
  { "GET", PATH .. "/rebase", rebase, access = READ, query = fields.LAYER, returns = "RuleRebase",
    summary = "Что изменилось в нижних слоях с тех пор, как версию опубликовали" },
  { "GET", PATH .. "/diff", diff, access = READ, query = fields.DIFF, returns = "RuleDiffList", summary = "Чем отличаются две версии" },
  { "POST", PATH .. "/publish", act(fields.PUBLISH, publishing.publish, active_json), access = MANAGE, proof = true, body = fields.PUBLISH,
    returns = "RuleActive", status = 200, summary = "Опубликовать правила, целиком или для доли новых дел" },
  { "POST", PATH .. "/promote", act(fields.SWITCH, publishing.promote, active_json), access = MANAGE, proof = true, body = fields.SWITCH,
    returns = "RuleActive", status = 200, summary = "Распространить пробную версию на все новые дела" },
  { "POST", PATH .. "/stop", act(fields.SWITCH, publishing.stop, active_json), access = MANAGE, proof = true, body = fields.SWITCH,
    returns = "RuleActive", status = 200, summary = "Прекратить пробу версии" },
  { "POST", PATH .. "/rollback", act(fields.ROLLBACK, publishing.rollback, active_json), access = MANAGE, proof = true, body = fields.ROLLBACK,
    returns = "RuleActive", status = 200, summary = "Вернуть прежние правила" },
}

for name, schema in pairs(api_dry_runs.schemas) do routes.schemas[name] = schema end
table.move(api_dry_runs, 1, #api_dry_runs, #routes + 1, routes)
return routes
