--- `copp rules list|check|test|diff|dry-run|publish|promote|stop|rollback|import|export`: the same use cases as in the browser, for packs
--- that lie in Git. What a folder holds has been read by the binary.
local checking = require("domain.rules.checking")
local console = require("core.console")
local context = require("kit.context")
local differ = require("domain.rules.differ")
local dry_runs = require("domain.rules.dry_runs")
local layers = require("domain.rules.layers")
local packs = require("kit.packs")
local publishing = require("domain.rules.publishing")
local service = require("domain.rules.service")
local source = require("kit.pack.source")
local store = require("domain.rules.store")
local commands = {}

local USER = context.SYSTEM
local MOST_SHOWN = 20

local function say(text, ...) console.write((select("#", ...) > 0 and text:format(...) or text) .. "\n") end

local function organization_of(args) return math.tointeger(tonumber(args.organization or 0)) or 0 end

-- Files of the folder that belong to a pack.
local function files_of(args, id)
  if not args.dir then return nil end
  local files = {}
  for _, part in ipairs(layers.parts(id)) do files[part] = args["file:" .. part] end
  return files
end

-- A pack that exists, with the files of the folder or those in force.
local function given(args)
  if not source.exists(args.pack or "") then return nil, { text = ("Набора правил «%s» нет. Все наборы: ./copp rules list"):format(args.pack or "") } end
  local files = files_of(args, args.pack)
  if args.dir and not next(files) then return nil, { text = ("В папке %s нет файлов набора %s."):format(args.dir, args.pack) } end
  return files or {}
end

local function say_report(id, report)
  for _, finding in ipairs(report.findings) do
    say("%s%s%s", finding.file and ("%s:%d: "):format(finding.file, finding.line or 0) or "", finding.severity == "warning" and "предупреждение: " or "",
      finding.text)
  end
  for _, test in ipairs(report.tests) do
    if not test.ok then say("%s:%d: испытание «%s»: %s", test.file, test.line or 0, test.name, test.text) end
  end
  say("%s: ошибок %d, предупреждений %d, испытаний %d, не прошло %d", id, report.errors, report.warnings, #report.tests, report.failed)
end

local verbs = {}

function verbs.list()
  local list, err = service.list(USER)
  if not list then return nil, err end
  for _, pack in ipairs(list) do
    say("%-34s %-12s %s%s", pack.id, pack.hash and pack.hash:sub(1, 10) or "поставка", pack.title,
      pack.canary_share > 0 and (" (проба: %d %%)"):format(pack.canary_share) or "")
  end
  return 0
end

--- One pack or all; of a folder only what it has.
function verbs.check(args)
  if args.pack then
    local ok, err = given(args)
    if not ok then return nil, err end
  end
  local failed = 0
  for _, id in ipairs(args.pack and { args.pack } or source.all()) do
    local files = files_of(args, id) or {}
    if not args.dir or next(files) then
      local report = checking.run(id, organization_of(args), files)
      say_report(id, report)
      if not report.ok then failed = failed + 1 end
    end
  end
  return failed == 0 and 0 or 1
end

function verbs.test(args)
  local files, err = given(args)
  if not files then return nil, err end
  local report = checking.run(args.pack, organization_of(args), files)
  if report.errors > 0 then
    say_report(args.pack, report)
    return 1
  end
  for number, test in ipairs(report.tests) do
    say("%s %d - %s", test.ok and "ok" or "not ok", number, test.name)
    if not test.ok then say("# %s:%d: %s", test.file, test.line or 0, test.text) end
  end
  say("1..%d", #report.tests)
  for file, lines in pairs(report.coverage) do say("# %s: выполнено строк %d из %d", file, lines.hit, lines.lines) end
  for _, name in ipairs(report.untested) do say("# переход без испытаний: %s", name) end
  return report.failed == 0 and 0 or 1
end

local function say_hunks(part, before, after)
  say("--- %s\n+++ %s", part, part)
  for _, hunk in ipairs(differ.hunks(before, after)) do
    say("@@ %d %d @@", hunk[1].before or 0, hunk[1].after or 0)
    for _, line in ipairs(hunk) do say("%s", line.mark .. line.text) end
  end
end

-- Files of the folder against what is in force of the layer.
local function differing(args, files)
  local list = {}
  local active = store.active(args.pack, organization_of(args))
  local version = active and active.hash and store.version(active.hash)
  local before = version and layers.files(version.files) or {}
  for _, part in ipairs(layers.parts(args.pack)) do
    local old, new = before[part] or "", files[part] or ""
    if old ~= new then list[#list + 1] = { part = part, before = old, after = new } end
  end
  return list
end

function verbs.diff(args)
  local files, err = given(args)
  if not files then return nil, err end
  local list = args.dir and differing(args, files)
  if not list then list, err = service.diff(USER, args.pack, { organization_id = organization_of(args), from = args.from, to = args.to }) end
  if not list then return nil, err end
  for _, one in ipairs(list) do say_hunks(one.part, one.before, one.after) end
  if #list == 0 then say("Отличий нет.") end
  return 0
end

-- ---- publishing

local function version_of(args)
  local active = store.active(args.pack, organization_of(args))
  return active and active.version or 0
end

local function whole_hash(args)
  if not args.hash or #args.hash == 64 then return args.hash end
  return store.version_by_prefix(args.pack, args.hash) or args.hash
end

-- A switch: what it is given, what it says.
local function switching(use)
  return function(args)
    local files, err = given(args)
    if not files then return nil, err end
    if not (args.reason or ""):find("%S") then return nil, { text = "Нужна причина: --reason \"…\"" } end
    local row
    row, err = use(args, files, { organization_id = organization_of(args), version = version_of(args), reason = args.reason, hash = whole_hash(args) })
    if not row then
      if err.extra and err.extra.report then say_report(args.pack, err.extra.report) end
      return nil, err
    end
    say("%s: действует %s%s", args.pack, row.hash and row.hash:sub(1, 10) or "поставка",
      row.canary_hash and (", на пробе %s для %d %% новых дел"):format(row.canary_hash:sub(1, 10), row.canary_share) or "")
    return 0
  end
end

verbs.publish = switching(function(args, files, input)
  if args.dir then input.files = files end
  input.share, input.force = math.tointeger(tonumber(args.share or 100)), args.force == "true"
  if not input.share or input.share < 1 or input.share > 100 then return nil, { text = "--share: от 1 до 100 процентов" } end
  return publishing.publish(USER, args.pack, input)
end)
verbs.promote = switching(function(args, _, input) return publishing.promote(USER, args.pack, input) end)
verbs.stop = switching(function(args, _, input) return publishing.stop(USER, args.pack, input) end)
verbs.rollback = switching(function(args, _, input)
  if args.none == "true" then input.hash = "none" end
  return publishing.rollback(USER, args.pack, input)
end)

verbs["dry-run"] = function(args)
  local files, err = given(args)
  if not files then return nil, err end
  local run
  run, err = dry_runs.run_here(USER, args.pack, { organization_id = organization_of(args), files = args.dir and files or nil, hash = whole_hash(args),
    months = math.tointeger(tonumber(args.months or 12)) })
  if not run then return nil, err end
  say("%s: решений %d, иначе решились бы %d, не хватает записей для %d (%d мс)", args.pack, run.done, run.differ, run.unknown, run.ms)
  local cases = dry_runs.cases(USER, run.id, { limit = MOST_SHOWN })
  for _, case in ipairs(cases or {}) do
    say("  %s %s: %s → %s%s", case.number or case.object_id, case.action, case.before.to or case.before.refused, case.after.to or case.after.refused,
      case.file and (" (%s:%d)"):format(case.file, case.line or 0) or "")
  end
  if run.state == "failed" then return nil, { text = run.error } end
  return 0
end

-- ---- from and to a folder

--- Makes a version of each pack that the folder has, without putting it in force.
function verbs.import(args)
  if not (args.reason or ""):find("%S") then return nil, { text = "Нужно сказать, что изменено: --reason \"…\"" } end
  local count, failed = 0, 0
  for _, id in ipairs(source.all()) do
    local files = files_of(args, id)
    if next(files) and (not args.pack or args.pack == id) then
      local version, err = publishing.keep(USER, id, { organization_id = organization_of(args), files = files, comment = args.reason })
      if not version then return nil, err end
      count, failed = count + 1, failed + (version.state == "draft" and 1 or 0)
      say("%-34s %s %s", id, version.hash:sub(1, 10), version.state == "draft" and "не прошла проверок" or "готова к публикации")
    end
  end
  if count == 0 then return nil, { text = ("В папке %s нет файлов правил."):format(args.dir) } end
  return failed == 0 and 0 or 1
end

--- Tells the binary what to write: the region's layer (or an organisation's) as files of a region's directory.
function verbs.export(args)
  local count = 0
  for _, id in ipairs(args.pack and { args.pack } or source.all()) do
    local list = packs.layers(id, organization_of(args))
    local top = list[#list]
    if top and top.name == layers.name(organization_of(args)) then
      for part, text in pairs(top.files) do
        count = count + 1
        console.write(("file %s %d\n%s"):format(source.path(part), #text, text))
      end
    end
  end
  say(count == 0 and "Опубликованных правил нет: выгружать нечего." or "Файлов: " .. count)
  return 0
end

--- Runs a verb.
---@return integer? exit_code
---@return table? err
function commands.run(args) return verbs[args.verb](args) end

return commands
