--- Cases that live under former rules, and their move to those in force: a step of its own, looked at before it is made. A case moves when
--- the state it is in exists there; it never comes into a set that lacks its state.
local audit = require("kit.audit")
local cached = require("kit.cached")
local case_store = require("domain.rules.store_cases")
local errors = require("kit.errors")
local packs = require("kit.packs")
local policy = require("domain.rules.policy")
local source = require("kit.pack.source")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local moves = {}

local function need(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not source.exists(id) or not id:find("^workflow/") then return nil, errors.not_found("page", id) end
  if case_store.has_table(id:match("/(.+)$")) then return true end
  return nil, errors.conflict("several_tables", "Дела этого процесса лежат в разных таблицах: они доживают по своим правилам.")
end

--- What would become of a case in a state.
---@param machine table of the set in force
---@param state string
---@return "moves"|"finished"|"stays" what
function moves.verdict(machine, state)
  local known = machine.states[state]
  if not known then return "stays" end
  return known.final and "finished" or "moves"
end

local function label_of(id, hash, state)
  local set = packs.by_hash(hash)
  local known = set and workflow.of_set(set).states[state]
  return known and known.label or state
end

--- Cases under former rules: which would move to those in force, which not and why.
---@param user kit.User
---@param id string
---@return {set_hash: string, moves: integer, stays: integer, groups: {set_hash: string, state: string, label: string, cases: integer, verdict: string,
---   why: string?}[]}? preview
---@return kit.Error? err 403, 404, 409 several_tables
function moves.preview(user, id)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local set = packs.get(id)
  local machine, preview = workflow.of_set(set), { set_hash = set.hash, moves = 0, stays = 0, groups = {} }
  for index, row in ipairs(case_store.elsewhere(machine.name, set.hash)) do
    local verdict = moves.verdict(machine, row.state)
    local label = label_of(id, row.set_hash, row.state)
    preview.groups[index] = { set_hash = row.set_hash, state = row.state, label = label, cases = row.cases, verdict = verdict,
      why = verdict == "stays" and ("состояния «%s» в действующих правилах нет"):format(label) or verdict == "finished" and "дело закончено" or nil }
    if verdict == "moves" then preview.moves = preview.moves + row.cases end
    if verdict == "stays" then preview.stays = preview.stays + row.cases end
  end
  return preview
end

--- Moves what can be moved.
---@param user kit.User
---@param id string
---@param input {set_hash: string, reason: string} set_hash of the preview that was looked at
---@return {moved: integer}? result
---@return kit.Error? err 403, 404, 409 version_conflict, several_tables
function moves.run(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local set = packs.get(id)
  if set.hash ~= input.set_hash then
    return nil, errors.conflict("version_conflict", "Пока вы смотрели, правила переключили. Посмотрите ещё раз, какие дела перейдут.", { set_hash = set.hash })
  end
  local machine, states = workflow.of_set(set), {}
  for code in pairs(machine.states) do
    if moves.verdict(machine, code) == "moves" then states[#states + 1] = code end
  end
  table.sort(states)
  return transaction.run(function()
    packs.keep(set)
    local moved = case_store.move(machine.name, set.hash, states)
    audit.write("rule.move", "rule", nil, { pack = { id, id }, set = { nil, set.hash }, cases = { nil, moved } }, input.reason)
    cached.changed(packs.TOPIC)
    return { moved = moved }
  end)
end

--- Before a switch: cases that have no set of their own yet, in states that the new set lacks, keep the set they have lived by.
---@param id string
---@param old kit.PackSet
---@param new kit.PackSet
function moves.keep_states(id, old, new)
  local name = id:match("^workflow/(.+)$")
  if not name or not case_store.has_table(name) then return end
  local gone = {}
  for code in pairs(old.data.states) do
    if not new.data.states[code] then gone[#gone + 1] = code end
  end
  if #gone == 0 then return end
  table.sort(gone)
  packs.keep(old)
  case_store.pin_all(name, old.hash, gone)
end

return moves
