--- Pages of publishing: differences, the publication itself, versions and the way back.
local desk = require("domain.rules.desk")
local differ_view = require("domain.rules.differ_view")
local drafts = require("domain.rules.drafts")
local fields = require("domain.rules.form_fields")
local form = require("kit.form")
local frame = require("domain.rules.frame")
local publishing = require("domain.rules.publishing")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.rules.service")
local words = require("domain.rules.words")
local workflow = require("kit.workflow")

local PATH = frame.BASE .. "/{kind}/{name}"
local STATES = { draft = { "Не проверена", "neu" }, checked = { "Проверена", "info" }, canary = { "На пробе", "vio" }, active = { "Действует", "ok" },
  retired = { "Была раньше", "neu" } }

local function open(request)
  local id, organization_id = frame.id_of(request)
  return service.get(request.user, id, organization_id)
end

-- ---- differences

local SIDES = { draft = "черновик", active = "то, что действует", below = "слой ниже", canary = "версия на пробе", none = "пусто" }

local function side_words(name) return SIDES[name] or "версия " .. frame.short(name) end

local function sides_of(card, versions)
  local options = { { value = "active", label = "То, что действует" }, { value = "below", label = "Слой ниже" } }
  if card.draft then table.insert(options, 1, { value = "draft", label = "Черновик" }) end
  for _, version in ipairs(versions) do
    options[#options + 1] = { value = version.hash, label = ("%s — %s"):format(frame.short(version.hash), version.comment:sub(1, 60)) }
  end
  return options
end

-- The draft against what is in force, in sentences; of processes only.
local function in_words(card)
  if card.kind ~= "workflow" or not card.draft then return {} end
  return words.of_machines(workflow.of_set(card.set), desk.of(card).machine)
end

local function diff(request)
  local card, err = open(request)
  if not card then return nil, err end
  local from = request.query.from or (card.active and card.active.hash and "active" or "none")
  local to = request.query.to or (card.draft and "draft" or "active")
  local parts
  parts, err = service.diff(request.user, card.id, { organization_id = card.organization_id, from = from, to = to })
  if not parts then return nil, err end
  local versions = service.versions(request.user, card.id, card.organization_id) or {}
  return frame.page(request, card, "diff", "rules/diff", { parts = differ_view.parts(parts), from = from, to = to, from_words = side_words(from),
    to_words = side_words(to),
    sides = sides_of(card, versions), words = to == "draft" and in_words(card) or {} })
end

-- ---- publishing

local SHARES = { { value = 100, label = "Для всех новых дел" }, { value = 50, label = "Для половины новых дел" }, { value = 25, label = "Для каждого четвёртого" },
  { value = 10, label = "Для каждого десятого" }, { value = 5, label = "Для пяти из ста" } }

local function publish_page(request, typed, fault)
  local card, err = open(request)
  if not card then return nil, err end
  if not card.draft then return respond.redirect(frame.link(card, "/versions"), { notice = "Черновика нет: публиковать нечего", tone = "info" }) end
  local report = drafts.check(request.user, card.id, { organization_id = card.organization_id })
  local parts = service.diff(request.user, card.id, { organization_id = card.organization_id, from = card.active and card.active.hash and "active" or "none" })
  return frame.page(request, card, "versions", "rules/publish", { crumb = "Публикация", title = "Публикация: " .. card.title, report = report,
    parts = differ_view.parts(parts or {}), words = in_words(card), is_publishing = true, fault = fault,
    typed = typed or {}, shares = SHARES, active_version = card.active and card.active.version or 0 },
    fault and fault.status)
end

local function publish(request)
  local typed = request:form()
  local input, err = form.parse(fields.PUBLISH, typed)
  local id, organization_id = frame.id_of(request)
  local active
  if input then
    active, err = publishing.publish(request.user, id, { organization_id = organization_id or 0, version = input.active_version, reason = input.reason,
      share = input.share, force = input.force })
  end
  if active then
    return respond.redirect(frame.link({ id = id, organization_id = organization_id or 0 }, "/versions"), { notice = (input.share or 100) < 100
      and ("На пробе: по новым правилам идут %d %% новых дел"):format(input.share) or "Опубликовано: новые дела идут по этим правилам" })
  end
  if err.status == 422 or err.status == 409 then return publish_page(request, typed, err) end
  return nil, err
end

-- ---- versions

local function version_rows(card, versions)
  local rows = {}
  for index, version in ipairs(versions) do
    local chip = STATES[version.state]
    local href = frame.link(card, "/versions/" .. version.hash)
    rows[index] = { href = href, cells = { { text = frame.short(version.hash), href = href }, { text = chip[1], tone = chip[2] },
      version.comment, { text = version.who or "командная строка", sub = russian.datetime(version.created_at) } } }
  end
  return rows
end

local function switch_items(switches)
  local items = {}
  for index, one in ipairs(switches) do
    local to = one.to_hash and "версия " .. frame.short(one.to_hash) or "поставка"
    items[index] = { title = one.canary_share > 0 and ("Проба на %d %%: %s"):format(one.canary_share, to) or "Стала действовать " .. to, text = one.reason,
      at = russian.datetime(one.at), who = one.who or "командная строка", state = index == 1 and "cur" or "on" }
  end
  return items
end

local function versions_page(request, fault)
  local card, err = open(request)
  if not card then return nil, err end
  local versions = service.versions(request.user, card.id, card.organization_id)
  local switches = service.history(request.user, card.id, card.organization_id)
  local active = card.active or { version = 0, canary_share = 0 }
  return frame.page(request, card, "versions", "rules/versions", { rows = version_rows(card, versions), switches = switch_items(switches), active = active,
    draft_version = card.draft and card.draft.version or 0, can_go_back = card.can_manage and #switches > 0, can_manage = card.can_manage,
    fault = fault, short = frame.short }, fault and fault.status)
end

local function versions(request) return versions_page(request) end

local function names_of(files)
  local names = {}
  for name in pairs(files) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function version(request)
  local card, err = open(request)
  if not card then return nil, err end
  local one
  one, err = service.version(request.user, card.id, request.params.hash)
  if not one then return nil, err end
  local active = card.active or { version = 0 }
  return frame.page(request, card, "versions", "rules/version", { one = one, names = names_of(one.files), crumb = frame.short(one.hash),
    title = "Версия " .. frame.short(one.hash),
    words = STATES[one.state], is_genuine = publishing.is_genuine(one), active = active, is_active = active.hash == one.hash,
    can_manage = card.can_manage,
    created = russian.datetime(one.created_at), published = one.published_at and russian.datetime(one.published_at) })
end

local function switch(run, notice)
  return function(request)
    local input, err = form.parse(fields.SWITCH, request:form())
    local id, organization_id = frame.id_of(request)
    local active
    if input then
      active, err = run(request.user, id, { organization_id = organization_id or 0, version = input.version, reason = input.reason,
        hash = input.hash ~= "" and input.hash or nil })
    end
    if active then return respond.redirect(frame.link({ id = id, organization_id = organization_id or 0 }, "/versions"), { notice = notice }) end
    if err.status == 422 or err.status == 409 then return versions_page(request, err) end
    return nil, err
  end
end

local READ, MANAGE = { "rule.read" }, { "rule.manage" }

return {
  { "GET", PATH .. "/diff", diff, access = READ, summary = "Сравнение правил" },
  { "GET", PATH .. "/publish", function(request) return publish_page(request) end, access = MANAGE, proof = true, summary = "Публикация правил" },
  { "POST", PATH .. "/publish", publish, access = MANAGE, proof = true, body = fields.PUBLISH, summary = "Опубликовать правила" },
  { "GET", PATH .. "/versions", versions, access = READ, summary = "Версии правил" },
  { "GET", PATH .. "/versions/{hash}", version, access = READ, summary = "Версия правил" },
  { "POST", PATH .. "/rollback", switch(publishing.rollback, "Прежние правила снова действуют"), access = MANAGE, proof = true, body = fields.SWITCH,
    summary = "Вернуть прежние правила" },
  { "POST", PATH .. "/promote", switch(publishing.promote, "По новым правилам идут все новые дела"), access = MANAGE, proof = true, body = fields.SWITCH,
    summary = "Распространить пробу правил на все дела" },
  { "POST", PATH .. "/stop", switch(publishing.stop, "Проба прекращена"), access = MANAGE, proof = true, body = fields.SWITCH,
    summary = "Прекратить пробу правил" },
}
