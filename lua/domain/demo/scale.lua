--- Growth of the demo region: N districts, each ten thousand citizens, filled table by table in one transaction.
local bulk = require("domain.demo.store_bulk")
local dates = require("domain.demo.dates")
local derive = require("domain.demo.store_derive")
local district = require("domain.demo.district")
local layout = require("domain.demo.layout")
local people = require("domain.demo.people")
local refs = require("domain.refs")
local settings = require("core.settings")
local store = require("domain.demo.store")
local transaction = require("kit.transaction")
local scale = {}

local WRITERS = { "domain.demo.grow_places", "domain.demo.grow_programs", "domain.demo.grow_applications", "domain.demo.grow_lessons" }

local TITLES = { person = "Граждане", application = "Заявки", lesson = "Занятия", attendance = "Журналы", grade = "Оценки",
  program = "Программы", workflow_event = "История заявок", enrollment = "Зачисления" }

local function writers()
  local found = {}
  for _, name in ipairs(WRITERS) do
    for _, writer in ipairs(require(name)) do found[#found + 1] = writer end
  end
  return found
end

local function key_names()
  local names = {}
  for name in pairs(layout.KEYS) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function new_district(at, bases)
  local extra = store.landmarks()
  extra.zone, extra.names = settings.region.zone, people.pool(refs.table("demo/names"))
  extra.professions, extra.competences = refs.table("frdo_professions"), refs.table("competences")
  extra.first_number = store.first_application_number()
  return district.new(at, bases, dates.calendar(refs.calendar()), extra)
end

local function reserve(bases, d, count)
  local next_keys = {}
  for name, each in pairs(layout.KEYS) do next_keys[name] = bases[name] + each * count end
  store.keep_keys(next_keys)
  store.keep_application_number(d.first_number + layout.APPLICATIONS * count)
end

local function fill(d, list, from, to, step)
  for number = from, to - 1 do
    d:enter(number, from)
    for _, writer in ipairs(list) do
      store.copy_units(writer[1], writer[2].columns, writer[3], writer[4], d)
      step(TITLES[writer[1]] or "Колледжи и группы")
    end
  end
end

local DERIVED = {
  { "Версии программ", derive.current_versions }, { "Списки приказов", derive.order_lines_in }, { "Счётчики мест", derive.counters },
  { "Листы ожидания", derive.full_intakes },
  { "Брони", derive.bookings }, { "Занятость оборудования", derive.slots },
}

local function grow(at, from, to, progress)
  store.prepare(settings.region.zone)
  store.lock()
  store.silence_triggers()
  local bases, list = store.first_keys(key_names()), writers()
  local d = new_district(at, bases)
  reserve(bases, d, to - from)
  local removed = bulk.remove()
  local done, total = 0, (to - from) * #list + #DERIVED + bulk.steps(removed)
  local function step(text)
    done = done + 1
    progress(done, total, text)
  end
  fill(d, list, from, to, step)
  for _, part in ipairs(DERIVED) do
    step(part[1])
    part[2](bases)
  end
  bulk.restore(removed, function() step("Индексы и проверки") end)
  store.restore_triggers()
  store.save_anchor(dates.text(at.anchor), dates.text(at.today), to)
  return true
end

--- Adds districts `from` … `to` - 1. One transaction: when it fails, nothing has changed. Readers of the big tables
--- wait until it is over, hence better while nobody works.
---@param at table {anchor, today} as day numbers
function scale.grow(at, from, to, progress)
  store.must(transaction.run(function() return grow(at, from, to, progress) end))
  progress(0, #bulk.TABLES, "Статистика для планировщика")
  derive.analyze(bulk.TABLES)
  derive.analyze({ "program", "program_module", "intake", "study_group", "order_doc", "organization", "room", "staff_resource", "slot_use" })
end

return scale
