--- Lists of resources: filters, order, pages, export.
local errors = require("kit.errors")
local fields = require("domain.resources.fields")
local kinds = require("domain.resources.kinds")
local personal = require("kit.personal")
local policy = require("domain.resources.policy")
local present = require("domain.resources.present")
local session = require("kit.session")
local store = require("domain.resources.store")
local table_list = require("kit.table")
local list = {}

list.JOB = "resources.export"
function list.path(kind) return "/cabinet/resources/" .. kind.code end

local made = {}
for code, kind in pairs(kinds.BY_CODE) do
  made[code] = table_list.new({ keyset = store.list(kind), schema = fields.LIST[code], path = list.path(kind), columns = present.columns(kind) })
  -- Without a wish for a state nobody looks for what is written off.
  made[code].ask = function(self, query_all, scope)
    local asked, err = table_list.ask(self, query_all, scope)
    if not asked then return nil, err end
    if not asked.filters.state then asked.filters.living = true end
    if asked.filters.q then asked.filters.q = asked.filters.q:gsub("[%%_\\]", "\\%0") end
    for _, filter in ipairs(kind.filters or {}) do
      if filter.type == "boolean" and not asked.filters[filter.name] then asked.filters[filter.name] = nil end
    end
    return asked
  end
end

local function scope_of(user, kind)
  local scope, err = policy.scope(user, kind)
  if not scope then return nil, err end
  if kind.is_person and personal.hides_names(user) then scope.hides_names = true end
  return scope
end

-- A coordinator gets no names unless the region lets him: neither to read nor to search by.
local function narrowed(kind, user, query_all)
  local scope, err = scope_of(user, kind)
  if not scope then return nil, err end
  if not scope.hides_names then return scope, query_all end
  scope.hides_names = nil
  local rest = {}
  for name, values in pairs(query_all) do
    if name ~= "q" then rest[name] = values end
  end
  return scope, rest
end

--- A page of the list.
---@return table? found of kit.table
---@return kit.Error? err
function list.read(user, kind, query_all)
  local scope, asked = narrowed(kind, user, query_all)
  if not scope then return nil, asked end
  local found, err = made[kind.code]:read(asked, scope)
  if not found then return nil, err end
  if kind.is_person then
    for _, row in ipairs(found.rows) do
      personal.show(user, kind.fields, row, { entity = "person", id = row.person_id, object = row })
      row.name, row.label = personal.name(user, row.name), personal.name(user, row.label)
    end
  end
  return found
end

-- Names go out of the platform only for whom they are shown to.
local function exportable(kind, user, query_all)
  local scope, asked = narrowed(kind, user, query_all)
  if not scope then return nil, asked end
  if kind.is_person and personal.hides_names(user) then return nil, errors.forbidden("Фамилии преподавателей вам не показываются: выгрузить их нельзя.") end
  return scope, asked
end

function list.csv(user, kind, query_all)
  local scope, asked = exportable(kind, user, query_all)
  if not scope then return nil, asked end
  return made[kind.code]:csv(kind.title, asked, scope)
end

function list.xlsx(user, kind, query_all)
  local scope, asked = exportable(kind, user, query_all)
  if not scope then return nil, asked end
  return made[kind.code]:xlsx(kind.title, asked, scope, list.JOB .. "." .. kind.code, user)
end

--- Jobs of long exports, one a kind.
list.jobs = {}
for code, kind in pairs(kinds.BY_CODE) do
  list.jobs[list.JOB .. "." .. code] = function(payload)
    local user = session.impersonate(payload.user_id, payload.grant_id)
    local scope, asked = exportable(kind, user, payload.query)
    if not scope then return nil, asked end
    local question, err = made[code]:ask(asked, scope)
    if not question then return nil, err end
    return { file_id = made[code]:write_xlsx(payload.title, question).public_id }
  end
end

return list
