--- Programmes with their versions and modules, and intakes. Pure.
local dates = require("domain.demo.dates")
local organizations = require("domain.demo.organizations")
local programs = {}

local list = organizations.list

local function text(cell) return cell ~= "" and cell or nil end
local function number(cell) return math.tointeger(tonumber(cell)) end

local function add_program(world, row)
  local program = world:add("program", {
    owner_id = world.organizations[row.owner].id, kind = row.kind, code = row.code, title = row.title,
    short_title = row.short_title, slug = row.slug, state = row.state, competences = list(row.competences),
    prof_standard = text(row.prof_standard), worker_profession = text(row.worker_profession), rank_to = text(row.rank_to),
    qualification_level = number(row.qualification_level), okved_section = text(row.okved_section),
    min_age = number(row.min_age), max_age = number(row.max_age), entry_education = list(row.entry_education),
    required_documents = list(row.required_documents), audience = list(row.audience), study_form = row.study_form,
    e_learning = row.e_learning, hours_total = number(row.hours_total), hours_distance = number(row.hours_distance),
    duration_days = number(row.duration_days), max_group = number(row.max_group), min_group = 6,
    document_kind = text(row.document_kind), final_attestation = row.final_attestation, annotation = row.annotation,
    description = row.description, outcomes = list(row.outcomes), requires_higher_education = false,
    for_disabled = row.e_learning == "partial",
  })
  local version = world:add("program_version", { program_id = program.id, no = 1,
    state = row.state == "published" and "approved" or "draft", valid_from = world:date(-200) })
  program.current_version_id = version.id
  program.modules = {}
  return program
end

local HOURS = { "hours_lecture", "hours_practice", "hours_lab", "hours_seminar", "hours_self", "hours_control" }

local function add_module(world, row, program)
  local module = { version_id = program.current_version_id, position = number(row.position), code = row.code,
    title = row.title, interim_form = text(row.interim_form), is_final = row.is_final == "t", topics = list(row.topics) }
  for _, name in ipairs(HOURS) do module[name] = number(row[name]) end
  table.insert(program.modules, world:add("program_module", module))
end

local function add_intake(world, row)
  local program, deliverer = world.programs[row.program], world.organizations[row.deliverer]
  local starts = world.anchor + number(row.starts)
  local intake = world:add("intake", {
    program_id = program.id, version_id = program.current_version_id, deliverer_id = deliverer.id,
    site_id = row.site ~= "" and world.sites[row.site].id or nil, starts_on = dates.text(starts),
    ends_on = dates.text(starts + program.duration_days - 1), shift = row.shift, study_form = program.study_form,
    places = number(row.places), opens_on = world:date(number(row.opens)), closes_on = world:date(number(row.closes)),
    price = row.price, funding = list(row.funding), audience = program.audience, state = row.state, taken = 0,
  })
  intake.program, intake.starts, intake.opens, intake.closes = program, starts, world.anchor + number(row.opens),
    world.anchor + number(row.closes)
  world.intakes[row.key] = intake
end

--- `world.programs` by code (with `modules`), `world.intakes` by key (with `program`, `starts`, `opens`, `closes`).
---@param tables table rows of programs, modules, intakes
function programs.build(world, tables)
  world.programs, world.intakes = {}, {}
  for _, row in ipairs(tables.programs) do world.programs[row.code] = add_program(world, row) end
  for _, row in ipairs(tables.modules) do add_module(world, row, world.programs[row.program]) end
  for _, row in ipairs(tables.intakes) do add_intake(world, row) end
end

return programs
