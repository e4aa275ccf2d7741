--- What this platform offers to plugins: hooks with what goes in and may come out, places on pages, tables that may be read. A name
--- carries its version; what changes its meaning gets a new one, and the old stays for two minor versions of the API.
local shape = require("kit.shape")
local catalogue = {}

local USER = shape.object({ role = shape.text }, { id = shape.integer })

-- What everybody may learn of an object: no names, no contacts. Fields that an object lacks are left out.
local OBJECT = { "id", "public_id", "number", "code", "kind", "state", "organization_id", "program_id", "intake_id", "group_id", "order_id",
  "held_on", "starts", "ends", "minutes", "topic", "module_id", "starts_on", "ends_on", "capacity_min", "capacity_max", "seats_taken" }
catalogue.OBJECT = OBJECT

local function transition_input(more)
  local optional = { public_id = shape.text, reason = shape.text, object = shape.any, user = USER, number = shape.text }
  for name, schema in pairs(more or {}) do optional[name] = schema end
  return shape.object({ entity = shape.text, action = shape.text, from = shape.text, to = shape.text }, optional)
end

local LESSON = shape.object({ held_on = shape.date, starts = shape.text, minutes = shape.integer }, {
  lesson_id = shape.integer, group_id = shape.integer, subgroup_id = shape.integer, module_id = shape.integer, kind = shape.text, mode = shape.text,
  topic = shape.text, room_ids = shape.list(shape.integer), teacher_ids = shape.list(shape.integer), user = USER,
})

--- kind: filter (before, may refuse or change `patch` fields) or event (after the commit, at least once).
--- fail: what a fault of the plugin means; closed = the act is refused, skip = as if the plugin were not there.
catalogue.hooks = {
  ["lesson.before_save.v1"] = { kind = "filter", title = "Перед сохранением занятия", input = LESSON, patch = { topic = "text" }, fail = "skip" },
  ["lesson.after_save.v1"] = { kind = "event", title = "Занятие сохранено", topics = { "lesson.saved" },
    input = shape.object({ lesson_id = shape.integer, action = shape.text }, { key = shape.text }) },
}

-- The machines that plugins may watch, and whose transitions decide about seats and access.
local MACHINES = {
  application = { "заявки", fail = "closed" }, order = { "приказа", fail = "closed" }, group = { "группы", fail = "skip" },
  lesson = { "занятия", fail = "skip" },
}
for machine, entry in pairs(MACHINES) do
  catalogue.hooks[machine .. ".before_transition.v1"] = { kind = "filter", title = "Перед действием: " .. entry[1],
    input = transition_input(), patch = {}, fail = entry.fail }
  catalogue.hooks[machine .. ".after_transition.v1"] = { kind = "event", title = "После действия: " .. entry[1],
    input = transition_input({ key = shape.text, event_id = shape.integer }), entity = machine }
end

--- Places on pages: what the plugin is told, and who sees the page anyway.
catalogue.slots = {
  ["group.page.sections"] = { title = "Карточка группы", args = { group_id = "integer" } },
  ["application.card.sections"] = { title = "Карточка заявки", args = { application_id = "integer", public_id = "text" } },
  ["cabinet.home.sections"] = { title = "Главная кабинета", args = {} },
}

--- Tables that a plugin may ask to read: none with personal data, log-ins or secrets. Of applications and enrolments there are views
--- without people's words and marks.
catalogue.tables = {}
for name in ([[lesson lesson_room lesson_teacher study_group subgroup program program_version program_module intake room equipment resource
  site organization ref_item plugin_application plugin_enrollment]]):gmatch("%S+") do catalogue.tables[name] = true end

catalogue.roles = {}
for name in ("learner teacher partner customer staff coordinator admin director registrar curator user"):gmatch("%S+") do
  catalogue.roles[name] = true
end

return catalogue
