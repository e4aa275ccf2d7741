--- The region at scale 0: made in memory, then copied table by table.
local applications = require("domain.demo.applications")
local citizens = require("domain.demo.citizens")
local columns = require("domain.demo.columns")
local dates = require("domain.demo.dates")
local decisions = require("domain.demo.decisions")
local derive = require("domain.demo.store_derive")
local groups = require("domain.demo.groups")
local journal = require("domain.demo.journal")
local orders = require("domain.demo.orders")
local organizations = require("domain.demo.organizations")
local packs = require("kit.packs")
local people = require("domain.demo.people")
local programs = require("domain.demo.programs")
local refs = require("domain.refs")
local settings = require("core.settings")
local staff = require("domain.demo.staff")
local store = require("domain.demo.store")
local timetable = require("domain.demo.timetable")
local workflow = require("kit.workflow")
local world = require("domain.demo.world")
local region = {}

local LEARNERS = 300
local TABLES = { "organizations", "sites", "rooms", "equipment", "persons", "programs", "modules", "intakes", "groups" }

region.TABLES = { "person", "user_account", "organization", "program", "intake", "application", "study_group", "enrollment",
  "lesson", "booking", "attendance", "grade", "workflow_event" }

local function by_kind(rows)
  local found = {}
  for _, row in ipairs(rows) do
    found[row.kind] = found[row.kind] or {}
    table.insert(found[row.kind], row.text)
  end
  return found
end

-- Applicants whose names the stories need, by group.
local function candidates(rows)
  local found = {}
  for _, row in ipairs(rows) do
    found[row.group] = found[row.group] or {}
    table.insert(found[row.group], { last_name = row.last_name, first_name = row.first_name, gender = row.gender,
      middle_name = row.middle_name ~= "" and row.middle_name or nil, has_middle_name = row.middle_name ~= "" })
  end
  return found
end

--- The whole region as rows. Pure but for the tables it is given.
---@param at table {today, minute, anchor} as day numbers
---@param bases table first free key by table
---@param tables table rows of data/demo by name
---@param extra table {samples, document_names, calendar, zone}
---@return table world
function region.make(at, bases, tables, extra)
  local made = world.new(at, bases, dates.calendar(extra.calendar), people.pool(tables.names), extra.zone)
  made.samples, made.document_names = extra.samples, extra.document_names
  made.reasons, made.candidates = by_kind(tables.reasons), candidates(tables.candidates)
  organizations.build(made, tables)
  staff.build(made, tables.persons)
  made.curators = { [made.organizations.college_a.id] = made.fixtures.partner, [made.organizations.college_b.id] = made.fixtures.partner2 }
  programs.build(made, tables)
  groups.build(made, tables.groups)
  citizens.build(made, LEARNERS)
  orders.number(made)
  timetable.build(made)
  journal.build(made)
  return made
end

--- Tables of data/demo by name.
function region.tables()
  local found = { names = refs.table("demo/names"), reasons = refs.table("demo/reasons"), candidates = refs.table("demo/candidates") }
  for _, name in ipairs(TABLES) do found[name] = refs.table("demo/" .. name) end
  return found
end

--- Makes the region and copies it. Inside the caller's transaction.
function region.fill(at, samples, progress)
  local total = #columns.ORDER + 2
  progress(0, total, "Составляю область")
  local bases = store.first_keys()
  local made = region.make(at, bases, region.tables(), {
    samples = samples, document_names = store.document_names(), calendar = refs.calendar(), zone = settings.region.zone })
  local number = store.first_application_number()
  store.keep_application_number(applications.number(made, number))
  local rules = packs.shipped("workflow/application")
  packs.keep(rules)
  decisions.record(made, workflow.of_set(rules), refs.table("refs"))
  for index, name in ipairs(columns.ORDER) do
    if made.rows[name] then store.copy_rows(name, made.rows[name]) end
    progress(index, total, "Загружаю область")
  end
  store.keep_keys(made.next_ids)
  derive.current_versions(bases)
  local singles = {}
  for index, line in ipairs(made.order_lines_out) do singles[index] = { line.order.id, line.enrollment.id } end
  derive.order_lines_in(bases)
  derive.order_lines_out(bases, singles)
  derive.counters(bases)
  derive.bookings(bases)
  derive.slots(bases)
  derive.audit(bases)
  progress(total, total, "Область готова")
end

return region
