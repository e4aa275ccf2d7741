--- Open cases that live by former rules: which can move to those in force, and the move.
local fields = require("domain.rules.form_fields")
local form = require("kit.form")
local frame = require("domain.rules.frame")
local moves = require("domain.rules.moves")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.rules.service")

local PATH = frame.BASE .. "/{kind}/{name}/cases"
local VERDICTS = { moves = { "Перейдёт", "ok" }, stays = { "Останется", "warn" }, finished = { "Закончено", "neu" } }

local function rows_of(groups)
  local rows = {}
  for index, group in ipairs(groups) do
    local words = VERDICTS[group.verdict]
    rows[index] = { cells = { group.label, frame.short(group.set_hash), russian.number(group.cases), { text = words[1], tone = words[2] }, group.why or "" } }
  end
  return rows
end

local function cases_page(request, fault)
  local card, err = service.get(request.user, (frame.id_of(request)))
  if not card then return nil, err end
  local preview, refused = moves.preview(request.user, card.id)
  if not preview and refused.status ~= 409 then return nil, refused end
  return frame.page(request, card, "versions", "rules/cases", { found = preview, refused = refused, rows = rows_of(preview and preview.groups or {}),
    fault = fault, crumb = "Начатые дела", title = "Начатые дела", short = frame.short }, fault and fault.status)
end

local function move(request)
  local input, err = form.parse(fields.MOVE, request:form())
  local id = frame.id_of(request)
  local result
  if input then result, err = moves.run(request.user, id, input) end
  if result then
    return respond.redirect(frame.BASE .. "/" .. id .. "/cases", { notice = russian.plural(result.moved, "Перешло %s дело", "Перешло %s дела", "Перешло %s дел") })
  end
  if err.status == 422 or err.status == 409 then return cases_page(request, err) end
  return nil, err
end

local MANAGE = { "rule.manage" }

return {
  { "GET", PATH, function(request) return cases_page(request) end, access = MANAGE, summary = "Начатые дела: что перейдёт на действующие правила" },
  { "POST", PATH, move, access = MANAGE, proof = true, body = fields.MOVE, summary = "Перевести начатые дела на действующие правила" },
}
