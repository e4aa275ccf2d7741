--- Backups by the clock: `copp backup` into the directory of the settings, verified by restoring, the oldest removed.
local audit = require("kit.audit")
local clock = require("core.clock")
local errors = require("kit.errors")
local job = require("kit.job")
local policy = require("domain.system.policy")
local process = require("core.process")
local setting = require("kit.setting")
local settings = require("core.settings")
local store = require("domain.system.store")
local transaction = require("kit.transaction")
local backups = {}

local HOUR_MS = 3600000

backups.JOB = "system.backup"

local function binary() return settings.data_dir .. "/run/copp" end

local function enqueue() return job.enqueue(backups.JOB, {}, { key = backups.JOB, max_attempts = 1, priority = 200 }) end

--- Timer: once a day, at or after the hour of the settings.
function backups.tick()
  if setting.get("system.backup_dir") == "" then return true end
  local hour = math.tointeger(tonumber(clock.local_time():sub(12, 13)))
  if hour < setting.get("system.backup_hour") or store.has_backup_today() then return true end
  enqueue()
  return true
end

--- Makes one now.
---@return integer? job_id
---@return kit.Error? err
function backups.ask(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if setting.get("system.backup_dir") == "" then
    return nil,
      errors.conflict(
        "no_directory",
        "Сначала задайте каталог резервных копий в настройках."
      )
  end
  return transaction.run(function()
    local id = enqueue()
    audit.write("system.backup", "job", id, {})
    return id
  end)
end

local function last_line(text) return (text or ""):gsub("%s+$", ""):match("[^\n]*$") end

-- Runs a command of the binary; nil and its last words when it failed.
local function run_binary(...)
  local result, err = process.run({ argv = { binary(), ... }, timeout_ms = HOUR_MS })
  if not result then return nil, err.text end
  if result.status ~= 0 then return nil, last_line(result.errors) end
  return true
end

local function size_of(path)
  local result = process.run({ argv = { "stat", "-c", "%s", path } })
  return result and result.status == 0 and math.tointeger(tonumber(last_line(result.output))) or nil
end

-- Only archives that we made ourselves: rows of backup_run beyond the number to keep.
local function remove_old()
  for _, row in ipairs(store.old_backups(setting.get("system.backup_keep"))) do
    process.run({ argv = { "rm", "-f", "--", row.path } })
    store.forget_backup(row.id)
  end
end

--- Handler of the job.
function backups.run()
  local path = ("%s/copp-%s.tar"):format(
    setting.get("system.backup_dir"):gsub("/+$", ""),
    clock.local_time():gsub("[^%d]", ""):sub(1, 14)
  )
  local id = store.begin_backup(path)
  job.progress(1, 3, "Сохраняем")
  local ok, reason = run_binary("backup", path)
  store.end_backup(id, ok and "done" or "failed", ok and size_of(path) or nil, reason)
  if not ok then return nil, { code = "backup", text = reason, final = true } end
  job.progress(2, 3, "Проверяем")
  ok, reason = run_binary("backup", "--verify", path)
  store.note_verified(id, reason)
  remove_old()
  if not ok then return nil, { code = "backup", text = reason, final = true } end
  return { path = path }
end

return backups
