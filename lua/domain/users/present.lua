--- Words and JSON of users.
local fields = require("domain.users.fields")
local json = require("core.json")
local people = require("domain.people")
local roles = require("kit.roles")
local russian = require("kit.russian")
local present = {}

local STATE_LABELS = {}
for _, state in ipairs(fields.STATES) do STATE_LABELS[state.value] = state.label end

function present.state(code) return STATE_LABELS[code] or code end

--- «Сотрудник ЦОПП; Организация-партнёр, Колледж А» of the packed grants of a list row.
function present.grant_words(packed)
  local words = {}
  for part in (packed or ""):gmatch("[^;]+") do
    local code, organization = part:match("^([^|]*)|(.*)$")
    if code then words[#words + 1] = roles.name(code) .. (organization ~= "" and ", " .. organization or "") end
  end
  return table.concat(words, "; ")
end

function present.set_words(sets)
  local words = {}
  for index, code in ipairs(sets or {}) do words[index] = roles.name(code) end
  return table.concat(words, ", ")
end

function present.login_words(moment)
  return moment and russian.datetime(moment) or "ни разу"
end

--- «Заявки: 2; Согласия: 1, ещё 1 остаётся у прежней записи».
function present.move(move)
  local label = fields.TABLES[move.table_name] or move.table_name
  return { label = label, moved = move.moved, kept = move.kept, place = move.table_name .. "." .. move.column_name }
end

local function null(value)
  if value == nil then return json.null end
  return value
end

function present.row_json(row)
  return { id = row.public_id, email = null(row.email), name = null(row.name), person_id = null(row.person_id), state = row.state,
    roles = present.grant_words(row.grants), last_login_at = null(row.last_login_at), created_at = row.created_at, version = row.version }
end

local function grant_json(grant)
  return { id = tostring(grant.id), role = grant.role, role_name = roles.name(grant.role), sets = json.array(grant.sets or {}),
    organization_id = grant.organization_id and tostring(grant.organization_id) or json.null, organization = null(grant.organization),
    valid_from = grant.valid_from, valid_to = null(grant.valid_to), is_in_force = grant.is_in_force, created_at = grant.created_at,
    created_by = null(grant.created_by) }
end

function present.user_json(found)
  local grants, alike = {}, {}
  for index, grant in ipairs(found.grants) do grants[index] = grant_json(grant) end
  for index, person in ipairs(found.alike) do alike[index] = { person_id = person.public_id, name = person.name } end
  return { id = found.public_id, email = null(found.email), name = null(found.name), person_id = null(found.person_id), state = found.state,
    snils = null(people.mask_snils(found.snils)), has_password = found.has_password, sessions = found.sessions,
    last_login_at = null(found.last_login_at), created_at = found.created_at, version = found.version, grants = json.array(grants),
    alike = json.array(alike) }
end

function present.merge_json(both)
  local moves = {}
  for index, move in ipairs(both.moves) do
    moves[index] = { table_name = move.table_name, column_name = move.column_name, moved = move.moved, kept = move.kept }
  end
  return { person_id = both.stays.public_id, duplicate_id = both.duplicate.public_id, moves = json.array(moves) }
end

return present
