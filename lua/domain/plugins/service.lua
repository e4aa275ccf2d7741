--- Plugins of this installation: looked at, enabled with an administrator's consent, disabled, uninstalled, resumed. Three different
--- things: disabling stops the code and keeps the data; uninstalling archives and drops the data; the files stay on the disk.
local audit = require("kit.audit")
local clock = require("core.clock")
local errors = require("kit.errors")
local migrations = require("domain.plugins.migrations")
local plugin = require("kit.plugin")
local policy = require("domain.plugins.policy")
local published = require("kit.published")
local registry = require("kit.plugin.registry")
local running = require("kit.running")
local semver = require("kit.plugin.semver")
local setting = require("kit.setting")
local store = require("domain.plugins.store")
local system = require("core.system")
local transaction = require("kit.transaction")
local service = {}

local MOST_FAULTS, MOST_HELD = 50, 50
local ENABLED = "lua/plugins/"

local function fault_error(code, text, faults)
  local first = faults[1]
  return errors.new(422, code, ("%s %s:%d: %s"):format(text, first.file, first.line or 0, first.text or first.reason), { extra = { faults = faults } })
end

-- What PostgreSQL says is enabled: a command has no published layer in its tree, and a page may be older than the last change.
local function enabled_set()
  local set = {}
  for _, row in ipairs(published.list(ENABLED)) do set[row.path:match("([a-z0-9_]+)%.lua$") or ""] = true end
  return set
end

local function find(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local found = plugin.find(id)
  if not found then return nil, errors.not_found("page", id) end
  found.enabled = enabled_set()[id] or nil
  return found
end

-- "enabled", "suspended" (by its faults), "waiting" (wants consent), "broken", "disabled"
local function state_of(found)
  if not found.manifest then return "broken" end
  if not found.enabled then return #found.faults > 0 and "broken" or "disabled" end
  if plugin.is_off(found.id) then return "suspended" end
  if plugin.waits(found.id) then return "waiting" end
  return "enabled"
end

local function summary_of(found, counts)
  local count = counts[found.id] or { faults = 0, held = 0 }
  return { id = found.id, title = found.manifest and found.manifest.title or found.id, version = found.manifest and found.manifest.version,
    description = found.manifest and found.manifest.description, state = state_of(found), is_regional = found.is_regional,
    faults = count.faults, held = count.held, waits = plugin.waits(found.id) }
end

--- All plugins that lie here.
---@return table[]? list
---@return kit.Error? err
function service.list(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local list, counts, enabled = {}, store.counts(), enabled_set()
  for i, id in ipairs(plugin.ids()) do
    local found = plugin.find(id)
    found.enabled = enabled[id] or nil
    list[i] = summary_of(found, counts)
  end
  return list
end

local function settings_of(id)
  local list = {}
  for _, entry in ipairs(setting.all()) do
    if entry.field.module == "plugin." .. id then list[#list + 1] = entry end
  end
  return list
end

local function runs_of(id)
  local list = {}
  for _, group in ipairs(running.list()) do
    for _, run in ipairs(group.runs) do
      if run.kind == "plugin" and run.owner == id then list[#list + 1] = run end
    end
  end
  return list
end

--- One plugin with everything its page shows.
---@return table? card
---@return kit.Error? err
function service.get(user, id)
  local found, err = find(user, id)
  if not found then return nil, err end
  local card = summary_of(found, store.counts())
  card.plugin, card.off = found, plugin.is_off(id)
  card.problems = plugin.check(found)
  if found.manifest then
    card.pending, card.plan_error = migrations.plan(found)
    card.tables = migrations.tables(found.manifest.prefix)
  end
  card.recent, card.held_list = store.faults(id, MOST_FAULTS), store.held(id, MOST_HELD)
  card.settings, card.runs = settings_of(id), runs_of(id)
  return card
end

-- ---- enabling

local function check_relations(found)
  local enabled = enabled_set()
  for id, range in pairs(found.manifest.depends) do
    local other = plugin.find(id)
    if not other or not enabled[id] then return nil, errors.conflict("needs_plugin", ("Сначала включите плагин «%s» (%s)."):format(id, range)) end
    if not semver.range(range)(other.manifest.version) then
      return nil, errors.conflict("needs_plugin", ("Нужен плагин «%s» %s, а здесь %s."):format(id, range, other.manifest.version))
    end
  end
  for _, id in ipairs(found.manifest.conflicts) do
    if enabled[id] then return nil, errors.conflict("conflicts", ("Не уживается с плагином «%s»: выключите его."):format(id)) end
  end
  return true
end

-- Whatever can be known before anything is changed.
local function check(found)
  local faults = plugin.check(found)
  if #faults > 0 then return nil, fault_error("plugin_faulty", "Плагин с ошибкой.", faults) end
  local results, broken = plugin.test(found)
  if not results then return nil, fault_error("plugin_faulty", "Плагин с ошибкой.", broken) end
  local failed = {}
  for _, result in ipairs(results) do
    if result.reason then failed[#failed + 1] = result end
  end
  if #failed > 0 then return nil, fault_error("plugin_tests", ("Испытания плагина не прошли: «%s»."):format(failed[1].name), failed) end
  return check_relations(found)
end

-- Without a running platform nobody tries a publication: what was checked here is put in force as it is.
local function publish(summary, path, content)
  local now = published.find(path)
  local files = { { path = path, content = content, version = now and now.version or 0 } }
  return published.put(summary, files, { is_offline = system.ask("status") == nil })
end

--- Enables a plugin with what it asks for, or an enabled one that asks for something else now.
---@param user kit.User
---@param consent string fingerprint of what the administrator has seen
---@return table? plugin
---@return kit.Error? err
function service.enable(user, id, consent)
  local found, err = find(user, id)
  if not found then return nil, err end
  local ok
  ok, err = check(found)
  if not ok then return nil, err end
  if consent ~= found.fingerprint then
    return nil, errors.conflict("stale", "Пока вы читали, плагин стал просить другого. Посмотрите ещё раз, чего он просит.")
  end
  local names
  names, err = migrations.apply(found)
  if not names then return nil, err end
  transaction.run(function()
    audit.write("plugin.enable", "plugin", nil, { plugin = { nil, id }, version = { nil, found.manifest.version }, asks = { nil, registry.asks_json(found) },
      migrations = { nil, table.concat(names, ", ") } })
    plugin.resume(id, user.id)
    return true
  end)
  ok, err = publish(("Включён плагин «%s» %s"):format(found.manifest.title, found.manifest.version), registry.enabling_path(id),
    registry.enabling(found, clock.local_time()))
  if not ok then return nil, err end
  return found
end

local function needed_by(id)
  for other_id in pairs(enabled_set()) do
    local other = plugin.find(other_id)
    if other and other.manifest and other.manifest.depends[id] then return other.manifest.title end
  end
end

--- Stops a plugin. Its data stay.
---@return true? ok
---@return kit.Error? err
function service.disable(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local path = registry.enabling_path(id)
  if not id:find("^[a-z][a-z0-9_]*$") or not published.find(path) then return nil, errors.conflict("not_enabled", "Плагин не включён.") end
  local other = needed_by(id)
  if other then return nil, errors.conflict("needed", ("Без него не работает плагин «%s»: сначала выключите его."):format(other)) end
  transaction.run(function()
    audit.write("plugin.disable", "plugin", nil, { plugin = { id, nil } })
    return true
  end)
  return publish(("Выключен плагин «%s»"):format(id), path, nil)
end

--- What uninstalling would drop: tables with rows.
---@return table[]? tables
---@return kit.Error? err
function service.uninstall_plan(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not id:find("^[a-z][a-z0-9_]*$") then return nil, errors.not_found("page", id) end
  return migrations.tables("p_" .. id .. "_")
end

--- Drops the data of a disabled plugin, after keeping them in a file.
---@return table? archive {rows, tables}
---@return kit.Error? err
function service.uninstall(user, id)
  local tables, err = service.uninstall_plan(user, id)
  if not tables then return nil, err end
  if published.find(registry.enabling_path(id)) then return nil, errors.conflict("is_enabled", "Сначала выключите плагин.") end
  local found = plugin.find(id)
  return transaction.run(function()
    local archive = migrations.remove(id, found and found.manifest and found.manifest.version or "0", user)
    store.forget_deliveries(id)
    audit.write("plugin.uninstall", "plugin", nil, { plugin = { id, nil }, tables = { #tables, 0 }, rows = { archive.rows, 0 } })
    return archive
  end)
end

-- ---- mending

--- Lets a plugin run again that was switched off by its faults.
---@return true? ok
---@return kit.Error? err
function service.resume(user, id)
  local found, err = find(user, id)
  if not found then return nil, err end
  return transaction.run(function()
    if not plugin.resume(id, user.id) then return nil, errors.conflict("not_suspended", "Плагин не приостановлен.") end
    audit.write("plugin.resume", "plugin", nil, { plugin = { nil, id } })
    return true
  end)
end

--- Tries a delivery in quarantine once more, or passes over it.
---@param what "waiting"|"skipped"
---@return true? ok
---@return kit.Error? err
function service.release(user, id, delivery_id, what)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  return transaction.run(function()
    if store.release(id, delivery_id, what) == 0 then return nil, errors.conflict("not_held", "Эта доставка уже не в карантине.") end
    audit.write("plugin.release", "plugin", nil, { plugin = { nil, id }, delivery = { nil, delivery_id }, state = { "quarantined", what } })
    return true
  end)
end

---@return table[]? archives
function service.archives(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  return store.archives()
end

---@return table? file row
---@return kit.Error? err
function service.archive(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local row = store.archive(id)
  if not row then return nil, errors.not_found("page", id) end
  return row
end

--- «Что выполняется».
---@return table[]? groups
---@return kit.Error? err
function service.running(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  return running.list()
end

return service
