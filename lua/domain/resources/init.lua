--- Resources of the network, as other modules see them.
local kinds = require("domain.resources.kinds")
local import = require("domain.resources.import")
local list = require("domain.resources.list")
local photos = require("domain.resources.photos")
local parts = require("domain.resources.parts")
local service = require("domain.resources.service")
local resources = {}

resources.may_read_file = photos.may_read_file
--- For notifications: what was taken out of work, and whom it concerns.
resources.hold_news = service.hold_news

--- A card, and a row of a table on a card, made by code; `code` of the kind as in addresses.
function resources.create(user, code, input) return service.create(user, kinds.BY_CODE[code], input) end
function resources.add_row(user, code, id, part, input) return parts.add(user, kinds.BY_CODE[code], id, part, input) end

resources.jobs = {}
for _, jobs in ipairs({ import.jobs, list.jobs }) do
  for kind, run in pairs(jobs) do resources.jobs[kind] = run end
end

resources.settings = {
  { key = "check_new", type = "boolean", default = true, label = "Новые карточки партнёров проверяет центр",
    reason = "Выключите, если партнёрам доверяют: их карточки заработают сразу" },
  { key = "check_edits", type = "boolean", default = false, label = "Правки партнёров проверяет центр",
    reason = "Включите, если после каждой правки карточку надо смотреть заново; до проверки ею не пользуются" },
}

return resources
