--- What a plugin asks for and does, in words for pages.
local fields = require("domain.plugins.fields")
local russian = require("kit.russian")
local present = {}

local TABLES = {
  lesson = "занятия", study_group = "группы", room = "аудитории", equipment = "оборудование", resource = "ресурсы", program = "программы",
  organization = "организации", site = "площадки", intake = "наборы", plugin_application = "заявки (без личных данных)",
  plugin_enrollment = "зачисления (без личных данных)", lesson_room = "аудитории занятий", lesson_teacher = "преподаватели занятий (номера)",
  order_doc = "приказы", ref_item = "справочники", subgroup = "подгруппы", program_module = "модули программ", program_version = "версии программ",
}

local function listed(names, words)
  local list = {}
  for i, name in ipairs(names) do list[i] = words and words[name] or name end
  return table.concat(list, ", ")
end

--- What an administrator agrees to, a line each.
---@param plugin kit.Plugin
---@return {icon: string, text: string}[]
function present.asks(plugin)
  local asks, list = plugin.manifest.capabilities, {}
  local function add(icon, text) list[#list + 1] = { icon = icon, text = text } end
  if #asks.read > 0 then add("eye", "Читать: " .. listed(asks.read, TABLES)) end
  if asks.writes then add("server", ("Хранить свои данные в таблицах %s…"):format(plugin.manifest.prefix)) end
  for _, hook in ipairs(plugin.manifest.hooks) do
    add(hook.mode == "filter" and "shield-check" or "bell", (hook.mode == "filter" and "Проверять и отклонять: %s" or "Узнавать о событии: %s"):format(hook.name))
  end
  if #asks.http_out > 0 then add("world", "Обращаться к узлам: " .. listed(asks.http_out):gsub("@([%w_]+)", "из настройки «%1»")) end
  if asks.timer then add("clock", "Работать по расписанию") end
  if asks.outbox then add("mail-forward", "Сообщать о своих событиях") end
  if #plugin.manifest.routes > 0 then
    add("code", ("Свои страницы и API: %s"):format(russian.plural(#plugin.manifest.routes, "%s адрес", "%s адреса", "%s адресов")))
  end
  for _, slot in ipairs(plugin.manifest.slots) do add("list", ("Раздел «%s» на странице"):format(slot.title)) end
  local limits = plugin.manifest.limits
  add("clock", ("Пределы вызова: %d мс, %d КБ памяти"):format(limits.ms_per_call, limits.kb))
  return list
end

local function ms(us)
  if not us then return "—" end
  return ("%s мс"):format(russian.number(us / 1000, us < 1000 and 2 or 0))
end

--- Cells of a row of «Что выполняется».
function present.run_cells(run)
  return {
    { text = run.name, sub = run.owner_title and ("%s %s"):format(run.owner_title, run.version) or run.version },
    fields.MODES[run.mode] or run.mode,
    run.total and russian.number(run.total) or "—",
    { text = run.errors and russian.number(run.errors) or "—", tone = (run.errors or 0) > 0 and "bad" or nil },
    ms(run.p50_us), ms(run.p99_us),
  }
end

--- Rows of recent faults.
function present.fault_rows(list)
  local rows = {}
  for i, fault in ipairs(list) do
    rows[i] = { cells = { russian.datetime(fault.at), { text = fault.point, sub = fault.case_key },
      { text = fields.CODES[fault.code] or fault.code, tone = "bad" }, fault.text } }
  end
  return rows
end

--- Lines of the plan of a migration: each statement with what it locks.
function present.plan(pending)
  local list = {}
  for _, migration in ipairs(pending or {}) do
    local statements = {}
    for i, statement in ipairs(migration.statements) do
      local locks = {}
      for j, lock in ipairs(statement.locks) do
        locks[j] = ("%s: %s%s"):format(lock.table, lock.mode, lock.rows and ", строк примерно " .. russian.number(lock.rows) or "")
      end
      statements[i] = { text = statement.text, locks = #locks > 0 and table.concat(locks, "; ") or "ничего не закрывает" }
    end
    list[#list + 1] = { name = migration.name, irreversible = migration.irreversible, statements = statements }
  end
  return list
end

return present
