--- Migrations of plugins: what stands before (plan), applying, and going back with an archive of the data.
local crypto = require("core.crypto")
local errors = require("kit.errors")
local file = require("kit.file")
local files = require("core.files")
local json = require("core.json")
local ddl = require("kit.plugin.ddl")
local store = require("domain.plugins.store")
local transaction = require("kit.transaction")
local migrations = {}

local function changed(plugin, name)
  return nil, errors.conflict("migration_changed", ("Миграция %s плагина «%s» изменена после применения. Верните прежний файл, изменения добавьте новым.")
    :format(name, plugin.id))
end

local function applied_by_name(id)
  local by_name = {}
  for _, row in ipairs(store.applied(id)) do by_name[row.name] = row end
  return by_name
end

--- Migrations that are still to be applied.
---@return table[]? pending
---@return kit.Error? err an applied one was changed
function migrations.pending(plugin)
  local applied, pending = applied_by_name(plugin.id), {}
  for _, migration in ipairs(plugin.migrations) do
    local row = applied[migration.name]
    if row and row.checksum ~= crypto.sha256(migration.text) then return changed(plugin, migration.name) end
    if not row then pending[#pending + 1] = migration end
  end
  return pending
end

--- What they would do: {name, irreversible, statements = { {text, locks = { {table, mode, rows} }} }}.
---@return table[]? plan
---@return kit.Error? err
function migrations.plan(plugin)
  local pending, err = migrations.pending(plugin)
  if not pending then return nil, err end
  for _, migration in ipairs(pending) do
    for _, statement in ipairs(migration.statements) do
      for _, lock in ipairs(statement.locks) do lock.rows = store.estimate(lock.table) end
    end
  end
  return pending
end

local function refused(migration, fault)
  local words = type(fault) == "table" and (fault.cause or fault.text or fault.code) or tostring(fault)
  return errors.new(422, "migration_failed", ("Миграция %s не применилась: %s"):format(migration.name, words))
end

local function apply_one(plugin, migration)
  local ok, result, err = pcall(transaction.run, function()
    store.lock_migrations()
    store.limit_lock_waits()
    if applied_by_name(plugin.id)[migration.name] then return true end
    for _, statement in ipairs(migration.statements) do
      local done, fault = store.change(statement.text)
      if not done then return nil, refused(migration, fault) end
    end
    store.note_applied(plugin.id, migration.name, crypto.sha256(migration.text), migration.down)
    return true
  end)
  if not ok then return nil, refused(migration, result) end
  return result, err
end

--- Applies what is pending, each in a transaction of its own; those before a failure stay.
---@return string[]? names
---@return kit.Error? err
function migrations.apply(plugin)
  local pending, err = migrations.pending(plugin)
  if not pending then return nil, err end
  local names = {}
  for _, migration in ipairs(pending) do
    local ok
    ok, err = apply_one(plugin, migration)
    if not ok then return nil, err end
    names[#names + 1] = migration.name
  end
  return names
end

-- ---- going back

-- The text of one JSON file with all tables; built in pieces, for a table may be long.
local function archive_file(id, version, tables)
  local parts, rows = { ('{"plugin":%s,"version":%s,"tables":{'):format(json.encode(id), json.encode(version)) }, 0
  for i, one in ipairs(tables) do
    local dump = store.dump(one.name)
    parts[#parts + 1] = ("%s%s:%s"):format(i > 1 and "," or "", json.encode(one.name), dump.rows)
    rows = rows + dump.n
  end
  parts[#parts + 1] = "}}"
  local path = files.temp("plugin.json")
  local ok, err = files.write(path, table.concat(parts))
  if not ok then error(err, 0) end
  return file.keep(("plugin-%s-%s.json"):format(id, version), "application/json", path), rows
end

local function run_down(id, prefix)
  local applied = store.applied(id)
  for i = #applied, 1, -1 do
    local statements = applied[i].down_sql and ddl.check(applied[i].down_sql, prefix, {}) or {}
    for _, statement in ipairs(statements) do store.change(statement.text) end
  end
  for _, left in ipairs(store.tables(prefix)) do store.drop(left.name) end -- of irreversible migrations
  store.forget_applied(id)
end

--- Keeps all rows in a file and drops the tables.
---@return table archive {rows, tables}
function migrations.remove(id, version, user)
  local prefix = "p_" .. id .. "_"
  return transaction.run(function()
    store.lock_migrations()
    store.limit_lock_waits()
    local tables, rows = store.tables(prefix), 0
    if #tables > 0 then
      local kept
      kept, rows = archive_file(id, version, tables)
      store.insert_archive(id, version, kept.id, rows, user.id)
    end
    run_down(id, prefix)
    return { rows = rows, tables = #tables }
  end)
end

migrations.tables = store.tables

return migrations
