--- The timetable, as other modules see it.
local engine = require("domain.lessons.engine")
local fields = require("domain.lessons.fields")
local service = require("domain.lessons.service")
local store = require("domain.lessons.store")
local lessons = {}

--- A lesson row without permission checks, or nil.
lessons.find = store.find
lessons.get = service.get
lessons.week = service.week
lessons.transition = service.transition
--- «Лекция» of a kind.
function lessons.kind_word(kind) return fields.KINDS[kind] or kind end

lessons.timers = {
  { name = "lessons.hold_due", every_s = 300, run = service.hold_due },
  { name = "lessons.trim_changes", every_s = 60, run = engine.trim },
}

return lessons
