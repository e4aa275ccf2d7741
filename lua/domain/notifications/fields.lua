--- Kinds and rules of notifications as the region has them, and the forms of the settings.
local lookup = require("kit.lookup")
local fields = {}

local rules = lookup.module("rules.notifications")
fields.KINDS, fields.RULES = rules.kinds, rules.rules

local by_id = {}
for _, kind in ipairs(fields.KINDS) do by_id[kind.id] = kind end

--- A kind by its id; a rule that names none is a fault of the rules.
function fields.kind(id)
  return by_id[id] or error("rules/notifications.lua: no kind " .. tostring(id), 0)
end

---@return boolean
function fields.has_kind(id) return by_id[id] ~= nil end

--- Topics that rules speak of.
---@return string[]
function fields.topics()
  local seen, list = {}, {}
  for _, rule in ipairs(fields.RULES) do
    fields.kind(rule.kind)
    if not seen[rule.event] then
      seen[rule.event] = true
      list[#list + 1] = rule.event
    end
  end
  return list
end

fields.MAIL = { { value = "now", label = "Сразу" }, { value = "digest", label = "Раз в день" }, { value = "off", label = "Не присылать" } }

fields.ZONES = {
  { value = "Europe/Kaliningrad", label = "Калининград, МСК−1" }, { value = "Europe/Moscow", label = "Москва" },
  { value = "Europe/Samara", label = "Самара, МСК+1" }, { value = "Asia/Yekaterinburg", label = "Екатеринбург, МСК+2" },
  { value = "Asia/Omsk", label = "Омск, МСК+3" }, { value = "Asia/Krasnoyarsk", label = "Красноярск, МСК+4" },
  { value = "Asia/Irkutsk", label = "Иркутск, МСК+5" }, { value = "Asia/Yakutsk", label = "Якутск, МСК+6" },
  { value = "Asia/Vladivostok", label = "Владивосток, МСК+7" }, { value = "Asia/Magadan", label = "Магадан, МСК+8" },
  { value = "Asia/Kamchatka", label = "Камчатка, МСК+9" },
}

fields.SETTING = {
  { name = "zone", type = "enum", label = "Часовой пояс", required = true, options = fields.ZONES },
  { name = "digest_at", type = "time", label = "Когда присылать сводку", required = true },
  { name = "quiet_from", type = "time", label = "Тихие часы с" },
  { name = "quiet_to", type = "time", label = "Тихие часы до" },
}

fields.LIST = {
  { name = "kind", type = "enum", label = "Вид", options = (function()
    local list = {}
    for index, kind in ipairs(fields.KINDS) do list[index] = { value = kind.id, label = kind.label } end
    return list
  end)() },
  { name = "unread", type = "boolean", label = "Только новые" },
  { name = "cursor", type = "integer", label = "Продолжение", min = 1 },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
}

fields.READ = {
  { name = "last_id", type = "integer", label = "Последнее прочитанное", min = 1, required = true },
}

return fields
