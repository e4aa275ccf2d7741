--- Ties the machine `resource` to the table of each kind.
local fields = require("domain.resources.fields")
local form = require("kit.form")
local kinds = require("domain.resources.kinds")
local setting = require("kit.setting")
local store = require("domain.resources.store")
local card_store = require("domain.resources.store_card")
local bindings = {}

local function facts_of(kind)
  return function(card, _, input)
    local facts = { edits_are_checked = setting.get("resources.check_edits") }
    local data = input and form.parse(fields.HOLD, input.data or {})
    local is_site = kind.table == "site"
    -- Buttons do not need to know how many lessons are hit; the page that asks does.
    if kind.plans and card.state == "active" and (input or is_site) then facts.hits = #card_store.hits(kind, card, data and data["until"]) end
    facts.ahead = card.booked_id and card_store.count_ahead(card.booked_id) or is_site and facts.hits or 0
    return facts
  end
end

for code, kind in pairs(kinds.BY_CODE) do
  bindings[code] = {
    machine = "resource", entity = kind.table, series = "resource:" .. kind.table, facts = facts_of(kind), effects = {},
    lock = function(id) return store.lock(kind, id) end,
    find = function(id) return store.find(kind, id) end,
    save = function(card, to, input)
      local until_day = to == "maintenance" and input.data and input.data["until"] or nil
      local reason = (to == "maintenance" or to == "rejected") and input.reason or nil
      return store.save_state(kind, card.id, to, reason, until_day ~= "" and until_day or nil, input.user_id)
    end,
  }
end

return bindings
