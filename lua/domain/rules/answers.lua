--- What the JSON of rules shares: input by a schema, a write, a report.
local errors = require("kit.errors")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local answers = {}

function answers.null(value)
  if value == nil then return json.null end
  return value
end

function answers.id_of(request) return request.params.kind .. "/" .. request.params.name end

-- Input by a schema: of the body, or of the query of a GET.
function answers.input_of(request, schema)
  if request.method == "GET" or request.method == "HEAD" then return form.parse(schema, request.query) end
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(schema, body)
  if input and input.files ~= nil and type(input.files) ~= "table" then
    return nil, errors.invalid("files", "type", "Файлы — объект: имя части и её текст.")
  end
  return input, err
end

local function finding_json(finding)
  return { severity = finding.severity, code = finding.code, text = finding.text, layer = answers.null(finding.layer), part = answers.null(finding.part),
    file = answers.null(finding.file), line = answers.null(finding.line), path = answers.null(finding.path) }
end

function answers.report(report)
  local findings, tests, coverage = {}, {}, {}
  for index, finding in ipairs(report.findings) do findings[index] = finding_json(finding) end
  for index, test in ipairs(report.tests) do
    tests[index] = { name = test.name, ok = test.ok, text = answers.null(test.text), file = answers.null(test.file), line = answers.null(test.line) }
  end
  for file, lines in pairs(report.coverage) do
    coverage[file] = { lines = lines.lines, hit = lines.hit, missed = json.array(lines.missed), layer = lines.layer, part = lines.part }
  end
  return { ok = report.ok, errors = report.errors, warnings = report.warnings, failed = report.failed, set_hash = answers.null(report.set_hash),
    findings = json.array(findings), tests = json.array(tests), coverage = json.object(coverage), untested = json.array(report.untested) }
end

-- A write: body by a schema, a use case, its answer.
function answers.act(schema, run, answer, status)
  return function(request)
    local input, err = answers.input_of(request, schema)
    local result
    if input then result, err = run(request.user, answers.id_of(request), input) end
    if not result then
      if err.extra and err.extra.report then err.extra = { report = answers.report(err.extra.report) } end
      return nil, err
    end
    return respond.json(answer(result), status)
  end
end


return answers
