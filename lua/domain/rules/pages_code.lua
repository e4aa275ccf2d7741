--- The editor of a pack's texts, and what its checks find.
local drafts = require("domain.rules.drafts")
local fields = require("domain.rules.form_fields")
local form = require("kit.form")
local flow = require("domain.rules.flow")
local frame = require("domain.rules.frame")
local respond = require("kit.respond")
local service = require("domain.rules.service")
local urls = require("kit.urls")

local PATH = frame.BASE .. "/{kind}/{name}"

local function open(request)
  local id, organization_id = frame.id_of(request)
  return service.get(request.user, id, organization_id)
end

local function part_of(card, wanted)
  for _, part in ipairs(card.parts) do
    if part.part == wanted then return part end
  end
  return card.parts[1]
end

local PART_WORDS = { workflows = "Процесс", guards = "Условия", tests = "Испытания" }

-- The tree beside the editor: files of the own layer, with a mark where they hold something.
local function tree_of(card, files, current)
  local tree = {}
  for index, part in ipairs(card.parts) do
    tree[index] = { label = PART_WORDS[part.part:match("^[^/]+")] or part.part, file = part.file, href = frame.link(card, "/code", { part = part.part }),
      current = part.part == current.part, is_own = files[part.part] ~= nil }
  end
  return tree
end

-- The same file in the layers below, highest first.
local function below_of(card, part)
  local list = {}
  for index = #card.layers, 1, -1 do
    local layer = card.layers[index]
    if layer.files[part.part] and layer.name ~= (card.organization_id == 0 and "published" or "organization") then
      list[#list + 1] = { title = flow.LAYERS[layer.name], text = layer.files[part.part], file = part.file }
    end
  end
  return list
end

local function own_files(request, card)
  local draft = card.can_manage and drafts.get(request.user, card.id, card.organization_id)
  if draft then return draft.files, draft end
  for _, layer in ipairs(card.layers) do
    if layer.name == (card.organization_id == 0 and "published" or "organization") then return layer.files end
  end
  return {}
end

local function findings_of(report, part)
  local list = {}
  for _, finding in ipairs(report and report.findings or {}) do
    list[#list + 1] = { severity = finding.severity, text = finding.text, line = finding.line, is_here = finding.part == part.part, file = finding.file }
  end
  return list
end

local function code_page(request, typed, fault)
  local card, err = open(request)
  if not card then return nil, err end
  local files, draft = own_files(request, card)
  local part = part_of(card, typed and typed.part or request.query.part)
  local report = draft and not draft.is_new and drafts.check(request.user, card.id, { organization_id = card.organization_id }) or nil
  return frame.page(request, card, "code", "rules/code", { part = part, tree = tree_of(card, files, part), text = typed and typed.text or files[part.part] or "",
    below = below_of(card, part), version = typed and tonumber(typed.version) or draft and draft.version, findings = findings_of(report, part), report = report,
    fault = fault, can_manage = card.can_manage, scripts = { "rules.js" }, api = "/api/v1/rules/" .. card.id }, fault and fault.status)
end

local function code(request) return code_page(request) end

-- Without scripts: saves one file and shows what the check says of the draft.
local function save(request)
  local typed = request:form()
  local card, err = open(request)
  if not card then return nil, err end
  local input
  input, err = form.parse(fields.TEXT, typed)
  if not input then return code_page(request, typed, err) end
  local files = drafts.get(request.user, card.id, card.organization_id).files
  files[input.part] = input.text
  local draft
  draft, err = drafts.save(request.user, card.id, { organization_id = card.organization_id, files = files, version = input.version })
  if not draft then
    if err.status == 409 then return code_page(request, typed, err) end
    return nil, err
  end
  return respond.redirect(frame.link(card, "/code", { part = input.part }), { notice = "Черновик записан" })
end

local function drop(request)
  local input, err = form.parse(fields.DROP, request:form())
  if not input then return nil, err end
  local id, organization_id = frame.id_of(request)
  local ok
  ok, err = drafts.drop(request.user, id, { organization_id = organization_id or 0, version = input.version })
  local back = frame.link({ id = id, organization_id = organization_id or 0 }, "")
  if ok then return respond.redirect(back, { notice = "Черновик удалён" }) end
  if err.status == 409 then return respond.redirect(back, { notice = err.text, tone = "bad" }) end
  return nil, err
end

-- ---- checks

local function place_of(card, finding)
  if not finding.part then return nil end
  return urls.with(("%s/%s/code"):format(frame.BASE, card.id), { part = finding.part, line = finding.line })
end

local function coverage_rows(report)
  local rows, files = {}, {}
  for file in pairs(report.coverage) do files[#files + 1] = file end
  table.sort(files)
  for index, file in ipairs(files) do
    local covered = report.coverage[file]
    rows[index] = { file = file, hit = covered.hit, lines = covered.lines, missed = table.concat(covered.missed, ", ") }
  end
  return rows
end

local function by_outcome(tests)
  local failed, passed = {}, {}
  for _, test in ipairs(tests) do
    local list = test.ok and passed or failed
    list[#list + 1] = test
  end
  return failed, passed
end

local function checks(request)
  local card, err = open(request)
  if not card then return nil, err end
  local report
  report, err = drafts.check(request.user, card.id, { organization_id = card.organization_id })
  if not report then return nil, err end
  local findings = {}
  for index, finding in ipairs(report.findings) do
    findings[index] = { tone = finding.severity == "error" and "bad" or "warn", text = finding.text, fix_href = place_of(card, finding), fix_label = "К строке",
      source = finding.file and ("%s:%d"):format(finding.file, finding.line or 0) or nil }
  end
  local failed, passed = by_outcome(report.tests)
  return frame.page(request, card, "checks", "rules/checks", { report = report, findings = findings, coverage = coverage_rows(report), failed = failed,
    passed = passed, untested = report.untested or {} })
end

local READ, MANAGE = { "rule.read" }, { "rule.manage" }

return {
  { "GET", PATH .. "/code", code, access = READ, summary = "Тексты правил" },
  { "POST", PATH .. "/code", save, access = MANAGE, body = fields.TEXT, summary = "Записать текст в черновик" },
  { "POST", PATH .. "/draft/drop", drop, access = MANAGE, body = fields.DROP, summary = "Удалить черновик правил" },
  { "GET", PATH .. "/checks", checks, access = MANAGE, summary = "Проверка правил и испытания" },
}
