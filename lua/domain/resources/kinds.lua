--- Kinds of resources: each is a declaration below kinds/, everything else (list, card, form, import, export, API) is made from it.
--- Its SQL stands in store_kinds.lua.
---   code        word of its addresses, table = where the rows are (also the entity of the journal)
---   plans       lessons can need it · is_person = names are personal data
---   fields      of kit.form, besides: ref = which choices (store.CHOICES), column = false with extra = who keeps it (store_extras.lua),
---               on_create = asked only of a new card
---   columns     of the list; exports = further fields of the export; filters = besides the common ones
---   match       fields by which a row of an imported table finds its card; `check` = what fields cannot say one by one
---   parts       tables on the card (parts.lua); uses = where it is used (store_card.lua); facts = what the card tells, labels = words for what is no field
local kinds = { ORDER = { "rooms", "staff", "equipment", "software", "consumables", "sites", "ict", "info" }, BY_CODE = {}, BY_TABLE = {} }

for _, code in ipairs(kinds.ORDER) do
  local kind = require("domain.resources.kinds." .. code)
  kind.read = kind.read or "resource.read"
  kind.by_name = {}
  for _, field in ipairs(kind.fields) do kind.by_name[field.name] = field end
  kinds.BY_CODE[code], kinds.BY_TABLE[kind.table] = kind, kind
end

--- Word of a field or of another value that a list or card shows.
function kinds.label(kind, name)
  return kind.by_name[name] and kind.by_name[name].label or kind.labels and kind.labels[name] or name
end

return kinds
