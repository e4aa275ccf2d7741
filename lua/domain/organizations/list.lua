--- The list of partners and customers: filters, order, export.
local fields = require("domain.organizations.fields")
local policy = require("domain.organizations.policy")
local store = require("domain.organizations.store")
local table_list = require("kit.table")
local workflow = require("kit.workflow")
local session = require("kit.session")
local list = {}

list.PATH = "/cabinet/organizations"

local function sides(row)
  local words = {}
  if row.is_partner then words[#words + 1] = "партнёр" end
  if row.is_customer then words[#words + 1] = "заказчик" end
  return table.concat(words, ", ")
end
list.sides = sides

local LIST = table_list.new({
  keyset = store.LIST, schema = fields.LIST, path = list.PATH,
  columns = {
    { key = "short_name", label = "Название", sort = "name", width = 40 }, { key = "full_name", label = "Полное название", width = 60 },
    { key = "kind_name", label = "Вид", width = 30 }, { key = "sides", label = "Сторона", value = sides },
    { key = "inn", label = "ИНН", width = 14 }, { key = "kpp", label = "КПП", width = 12 }, { key = "ogrn", label = "ОГРН", width = 18 },
    { key = "municipality", label = "Муниципалитет" }, { key = "phone", label = "Телефон" }, { key = "email", label = "Почта" },
    { key = "state", label = "Состояние", value = function(row) return workflow.state("organization", row.state).label end },
    { key = "created_at", label = "Появилась", sort = "newest" },
  },
})

-- `side` and `q` are words for people; the keyset has filters of its own for them.
function LIST:ask(query_all, scope)
  local asked, err = table_list.ask(self, query_all, scope)
  if not asked then return nil, err end
  local filters = asked.filters
  if filters.side then filters[filters.side], filters.side = true, nil end
  local digits = filters.q and filters.q:match("^%s*(%d+)%s*$")
  if digits then filters.digits, filters.q = digits, nil end
  if filters.q then filters.q = filters.q:gsub("[%%_\\]", "\\%0") end
  return asked
end

--- A page of the list.
---@return table? found of kit.table
---@return kit.Error? err
function list.read(user, query_all)
  local ok, err = policy.need_list(user)
  if not ok then return nil, err end
  return LIST:read(query_all)
end

function list.csv(user, query_all)
  local ok, err = policy.need_list(user)
  if not ok then return nil, err end
  return LIST:csv("Партнёры и заказчики", query_all)
end

function list.xlsx(user, query_all)
  local ok, err = policy.need_list(user)
  if not ok then return nil, err end
  return LIST:xlsx("Партнёры и заказчики", query_all, nil, "organizations.export", user)
end

--- The job of a long export.
function list.export(payload)
  local user = session.impersonate(payload.user_id, payload.grant_id)
  local ok, err = policy.need_list(user)
  if not ok then return nil, err end
  local asked
  asked, err = LIST:ask(payload.query)
  if not asked then return nil, err end
  local stored = LIST:write_xlsx(payload.title, asked)
  return { file_id = stored.public_id }
end

return list
