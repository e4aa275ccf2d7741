--- Versions of rules and what of them is in force: published whole or to a share of new cases, promoted, taken back. Each is one
--- transaction with its reason, its line in the history and its audit event; workers hear of it by the topic of kit.packs.
local audit = require("kit.audit")
local cached = require("kit.cached")
local checking = require("domain.rules.checking")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local json = require("core.json")
local layers = require("domain.rules.layers")
local moves = require("domain.rules.moves")
local packs = require("kit.packs")
local policy = require("domain.rules.policy")
local source = require("kit.pack.source")
local store = require("domain.rules.store")
local transaction = require("kit.transaction")
local publishing = {}

local SEAL = "rules.version"

local function need(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not source.exists(id) then return nil, errors.not_found("page", id) end
  return true
end

-- ---- versions

local function signed(hash, author, comment) return ("%s\n%s\n%s"):format(hash, tostring(author or "system"), comment) end

--- Was this version written by this platform, by that author, with that comment?
---@param version table
---@return boolean
function publishing.is_genuine(version)
  return crypto.unseal(SEAL, version.signature) == signed(version.hash, version.created_by, version.comment)
end

-- What a report leaves behind in the version: without the tests that passed.
local function kept(report)
  local failed = {}
  for _, test in ipairs(report.tests) do
    if not test.ok then failed[#failed + 1] = test end
  end
  return json.encode({ ok = report.ok, errors = report.errors, warnings = report.warnings, failed = report.failed, tested = #report.tests,
    findings = json.array(report.findings), tests = json.array(failed) })
end

local function freeze(user, id, organization_id, files, comment, report)
  local below, err = layers.build_below(id, organization_id)
  if not below then return nil, errors.new(422, "rules_broken", err.text) end
  local set
  set, err = layers.build(id, organization_id, files)
  if not set then return nil, errors.new(422, "rules_broken", err.text) end
  packs.keep(below)
  packs.keep(set)
  local active = store.active(id, organization_id)
  local hash = layers.hash(id, organization_id, files)
  store.insert_version({ hash = hash, pack = id, layer = layers.name(organization_id), organization_id = organization_id,
    files = json.encode(json.object(files)), parent_hash = active and active.hash ~= hash and active.hash or nil, lower_hash = below.hash,
    set_hash = set.hash, comment = comment, signature = crypto.seal(SEAL, signed(hash, user.id, comment)),
    state = report.ok and "checked" or "draft", report = kept(report), created_by = user.id })
  local former = store.version(hash)
  if former.state == "draft" and report.ok then store.mark_version(hash, "checked", kept(report), set.hash) end
  below:close()
  set:close()
  return store.version(hash)
end

-- Errors stop everybody; failed tests whoever lacks the right to overrule them.
local function weigh(user, report, is_forced)
  if report.errors > 0 then
    local first
    for _, finding in ipairs(report.findings) do
      if finding.severity == "error" then first = first or finding end
    end
    local place = first.file and ("%s:%d: "):format(first.file, first.line or 0) or ""
    return nil, errors.new(422, "rules_refused", ("Правила не опубликованы. %s%s"):format(place, first.text), { extra = { report = report } })
  end
  if report.failed == 0 then return true end
  if not is_forced then
    return nil, errors.new(422, "tests_failed", ("Не прошло испытаний: %d. Исправьте правила или испытания."):format(report.failed), { extra = { report = report } })
  end
  return policy.need_force(user)
end

--- Makes a version of the draft (or of the given files) without putting it in force: state "checked" when its checks pass, "draft" otherwise.
---@param user kit.User
---@param id string
---@param input {organization_id: integer?, files: table<string, string>?, comment: string}
---@return table? version {hash, state, report …}
---@return kit.Error? err 403, 404, 409 no_draft, 422
function publishing.keep(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local organization_id, files = input.organization_id or 0, input.files
  if not files then
    local draft = store.draft(id, organization_id)
    if not draft then return nil, errors.conflict("no_draft", "Черновика нет: сначала сохраните его.") end
    files = layers.files(draft.files)
  end
  local report = checking.run(id, organization_id, files)
  return transaction.run(function()
    local version, refused = freeze(user, id, organization_id, files, input.comment, report)
    if not version then return nil, refused end
    audit.write("rule.version", "rule", nil, { pack = { nil, id }, version = { nil, version.hash } }, input.comment)
    return version
  end)
end

-- ---- switching

local function stale(id, organization_id)
  local row = store.active(id, organization_id)
  return errors.conflict("version_conflict", ("Пока вы смотрели, правила переключил %s. Обновите страницу и посмотрите, что действует теперь.")
    :format(row and row.who or "кто-то другой"), { version = row and row.version or 0, hash = row and row.hash or nil })
end

local function retire(hash, wanted)
  if hash and hash ~= wanted.hash and hash ~= wanted.canary_hash then store.mark_version(hash, "retired") end
end

local function note(user, now, wanted, action, reason)
  store.note_switch(wanted.pack, wanted.organization_id, now.hash, wanted.canary_hash or wanted.hash, wanted.canary_share, reason, user.id)
  audit.write("rule." .. action, "rule", nil, { pack = { wanted.pack, wanted.pack }, version = { now.hash, wanted.hash },
    canary = { now.canary_hash, wanted.canary_hash }, share = { now.canary_share, wanted.canary_share } }, reason)
end

-- The set that new cases of the layer get by a row; nil where it cannot be told.
local function set_of_row(id, organization_id, row)
  if row.set_hash then return packs.by_hash(row.set_hash) end
  return not row.hash and layers.build_below(id, organization_id) or nil
end

-- Cases that live by what is in force without having a set of their own keep it where the new one lacks their state.
local function keep_cases(id, organization_id, now, wanted)
  local old, new = set_of_row(id, organization_id, now), set_of_row(id, organization_id, wanted)
  if old and new and old.hash ~= new.hash then moves.keep_states(id, old, new) end
end

-- Puts the wanted row in force in place of the seen one.
local function switch(user, id, organization_id, version, wanted, action, reason)
  local now = store.active(id, organization_id) or { version = 0, canary_share = 0 }
  wanted.pack, wanted.organization_id, wanted.canary_share = id, organization_id, wanted.canary_share or 0
  if version ~= now.version or not store.switch(wanted, version, user.id) then return nil, stale(id, organization_id) end
  keep_cases(id, organization_id, now, wanted)
  retire(now.hash, wanted)
  retire(now.canary_hash, wanted)
  if wanted.hash then store.mark_version(wanted.hash, "active") end
  if wanted.canary_hash then store.mark_version(wanted.canary_hash, "canary") end
  note(user, now, wanted, action, reason)
  cached.changed(packs.TOPIC)
  return store.active(id, organization_id)
end

local function files_of(id, organization_id, input)
  if input.hash then
    local version = store.version(input.hash)
    if not version or version.pack ~= id or version.organization_id ~= organization_id then return nil, errors.not_found("page", input.hash) end
    return layers.files(version.files)
  end
  if input.files then return input.files end
  local draft = store.draft(id, organization_id)
  if not draft then return nil, errors.conflict("no_draft", "Черновика нет: сначала сохраните его.") end
  return layers.files(draft.files)
end

local function wanted_row(now, version, share)
  if share >= 100 then return { hash = version.hash, set_hash = version.set_hash } end
  return { hash = now and now.hash, set_hash = now and now.set_hash, canary_hash = version.hash, canary_share = share }
end

--- Puts a version (by its hash), the given files or the draft in force, for all new cases or for a share of them.
---@param user kit.User
---@param id string
---@param input {organization_id: integer?, version: integer, reason: string, share: integer?, hash: string?, files: table?, force: boolean?}
---   version: `version` of service.get().active, 0 when nothing was published yet; share: percent of new cases, 100 unless given
---@return table? active {hash, set_hash, canary_hash, canary_share, version …}
---@return kit.Error? err 403, 404, 409 version_conflict (extra.version, extra.hash), 409 no_draft, 422 rules_refused and tests_failed (extra.report)
function publishing.publish(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local organization_id = input.organization_id or 0
  local files
  files, err = files_of(id, organization_id, input)
  if not files then return nil, err end
  local report = checking.run(id, organization_id, files)
  ok, err = weigh(user, report, input.force)
  if not ok then return nil, err end
  return transaction.run(function()
    local version, refused = freeze(user, id, organization_id, files, input.reason, report)
    if not version then return nil, refused end
    local now = store.active(id, organization_id)
    local row
    row, refused = switch(user, id, organization_id, input.version, wanted_row(now, version, input.share or 100), "publish", input.reason)
    if not row then return nil, refused end
    if not input.hash then store.drop_draft(id, organization_id) end
    return row
  end)
end

-- Ends a trial by an action: wanted(active) is the row to be in force.
local function end_trial(user, id, input, action, wanted)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local organization_id = input.organization_id or 0
  return transaction.run(function()
    local now = store.active(id, organization_id)
    if not now or not now.canary_hash then return nil, errors.conflict("no_canary", "Сейчас ни одна версия не проверяется на доле заявок.") end
    return switch(user, id, organization_id, input.version, wanted(now), action, input.reason)
  end)
end

--- Gives the version on trial to all new cases.
---@param user kit.User
---@param id string
---@param input {organization_id: integer?, version: integer, reason: string}
---@return table? active
---@return kit.Error? err 403, 404, 409 version_conflict, no_canary
function publishing.promote(user, id, input)
  return end_trial(user, id, input, "promote", function(now)
    return { hash = now.canary_hash, set_hash = store.version(now.canary_hash).set_hash }
  end)
end

--- Ends a trial: all new cases go by what was in force.
---@param user kit.User
---@param id string
---@param input {organization_id: integer?, version: integer, reason: string}
---@return table? active
---@return kit.Error? err as promote
function publishing.stop(user, id, input)
  return end_trial(user, id, input, "stop", function(now) return { hash = now.hash, set_hash = now.set_hash } end)
end

-- A former version must still suit the layers below; "none": the layers below alone.
local function target_of(id, organization_id, wanted)
  if wanted == "none" then return {} end
  if not wanted then
    local former = store.former(id, organization_id)
    if not former then return nil, errors.conflict("nothing_before", "Возвращаться не к чему: правила ещё не переключали.") end
    if not former.from_hash then return {} end
    wanted = former.from_hash
  end
  local version = store.version(wanted)
  if not version or version.pack ~= id or version.organization_id ~= organization_id then return nil, errors.not_found("page", wanted) end
  local set, err = layers.build(id, organization_id, layers.files(version.files))
  local trespass = set and packs.trespass(set)
  if not set or trespass then
    return nil, errors.conflict("unsuitable", "Эта версия больше не подходит к нижнему слою: " .. (err or trespass).text)
  end
  packs.keep(set)
  set:close()
  return { hash = version.hash, set_hash = set.hash }
end

--- Puts a former version in force: the named one, "none" for the layers below alone, otherwise the one before the last switch.
---@param input {organization_id: integer?, version: integer, reason: string, hash: string?}
---@return table? active
---@return kit.Error? err 403, 404, 409 version_conflict, nothing_before, unsuitable
function publishing.rollback(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local organization_id = input.organization_id or 0
  return transaction.run(function()
    local wanted, refused = target_of(id, organization_id, input.hash)
    if not wanted then return nil, refused end
    return switch(user, id, organization_id, input.version, wanted, "rollback", input.reason)
  end)
end

return publishing
