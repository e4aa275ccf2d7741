--- Writers of a grown region, part two: programmes with modules, intakes, study groups.
local district = require("domain.demo.district")
local layout = require("domain.demo.layout")

local template = district.template

local PROGRAM = template({ "id", "owner_id", "kind", "code", "title", "slug", { "state", "published" }, "competences",
  "worker_profession", "rank_to", { "min_age", "18" }, "entry_education", { "required_documents", "{identity,education}" },
  { "audience", "{adults}" }, "study_form", "hours_total", "duration_days", { "max_group", "25" }, { "min_group", "6" }, "document_kind",
  "final_attestation", "annotation", "description", "outcomes" })
local VERSION = template({ "id", "program_id", { "no", "1" }, { "state", "approved" }, "valid_from" })
local MODULE = template({ "id", "version_id", "position", "code", "title", "hours_lecture", "hours_practice", "hours_control",
  "interim_form", "is_final", "topics" })
local INTAKE = template({ "id", "program_id", "version_id", "deliverer_id", "site_id", "starts_on", "ends_on", "shift", "study_form",
  { "places", "25" }, "opens_on", "closes_on", "price", "funding", { "audience", "{adults}" }, "state" })
local GROUP = template({ "id", "code", "program_id", "version_id", "intake_id", "organization_id", "site_id", "starts_on", "ends_on",
  { "shift", "1" }, { "study_form", "full" }, { "capacity_min", "6" }, { "capacity_max", "25" }, "state", "resource_id" })

local GRADUATES = "{spo_worker,spo_spec,bachelor,master,phd}"
local KINDS = {
  { kind = "po_training", hours = { 144, 256, 200 }, final = 8, document = "cert_profession", attestation = "qual_exam", entry = "{}" },
  { kind = "dpo_pk", hours = { 36, 72, 48 }, final = 4, document = "cert_pk", attestation = "project", entry = GRADUATES },
  { kind = "po_upskilling", hours = { 96, 120, 72 }, final = 6, document = "cert_profession", attestation = "qual_exam", entry = "{}" },
  { kind = "dpo_pk", hours = { 72, 40, 24 }, final = 4, document = "cert_pk", attestation = "test", entry = GRADUATES },
  { kind = "dpo_pp", hours = { 256, 288, 300 }, final = 8, document = "diploma_pp", attestation = "final_work", entry = GRADUATES },
}
local DPO_TITLES = { "%s: базовый уровень", "%s: продвинутый уровень", "%s для мастеров производственного обучения",
  "%s: подготовка к демонстрационному экзамену", "%s: современное оборудование и материалы" }
local FORMS = { "full", "mixed", "full", "part" }
local MODULES = { "Введение и охрана труда", "Материалы и оборудование", "Технология работ", "Практикум в мастерской",
  "Практика на предприятии", "Итоговая аттестация" }
local TOPICS = { "{\"Правила и допуски\",\"Рабочее место\"}", "{\"Свойства материалов\",\"Инструмент\"}",
  "{\"Порядок операций\",\"Режимы\",\"Типичные ошибки\"}", "{\"Упражнения\",\"Работа по заданию\"}",
  "{\"Работа с наставником\",\"Отчёт\"}", "{\"Проверка знаний\",\"Практическое задание\"}" }
local SHIFTS = { "day", "evening", "day", "morning", "weekend" }

-- Facts of the programme at place i that several writers need.
local function facts(d, i)
  local number = d.number * layout.PROGRAMS + i
  local kind = KINDS[i % #KINDS + 1]
  return kind, kind.hours[number // #KINDS % 3 + 1], number
end

local function title_of(d, kind, number, competence)
  if kind.kind:sub(1, 2) == "po" then
    local profession = d.professions[number * 37 % #d.professions + 1].name
    return kind.kind == "po_upskilling" and profession .. ": повышение разряда" or profession, profession
  end
  return DPO_TITLES[number // 3 % #DPO_TITLES + 1]:format(competence.name), "\\N"
end

local function write_program(d, out, i)
  local kind, hours, number = facts(d, i)
  local competence = d.competences[number * 11 % #d.competences + 1]
  local title, profession = title_of(d, kind, number, competence)
  local form = FORMS[number // 7 % #FORMS + 1]
  out[#out + 1] = PROGRAM.format:format(d.keys.program + i, d.keys.organization + layout.college(i), kind.kind,
    ("D%06d"):format(number), title, "programma-" .. number + 1, "{" .. competence.code .. "}", profession,
    kind.kind == "po_upskilling" and "5" or kind.kind == "po_training" and "3" or "\\N", kind.entry, form, hours, hours * 7 // 18,
    kind.document, kind.attestation,
    ("%s: %d часов занятий с практикой в мастерской."):format(title, hours),
    ("Программа рассчитана на взрослых. Занятия ведут мастера колледжа, практика проходит на оборудовании по направлению «%s».")
      :format(competence.name),
    "{\"Выполнять работы по профессии\",\"Подбирать материалы и инструмент\",\"Соблюдать требования безопасности\"}")
end

local function write_version(d, out, i)
  out[#out + 1] = VERSION.format:format(d.keys.program_version + i, d.keys.program + i, d:day(-900))
end

-- Five modules of about equal size, even hours, and the final attestation: together the hours of the programme.
local function module_hours(kind, hours, position)
  if position == layout.MODULES then return 0, 0, kind.final end
  local rest = hours - kind.final
  local share = rest // 10 * 2
  if position == layout.MODULES - 1 then share = rest - share * (layout.MODULES - 2) end
  local lecture = share // 4 * 2
  return lecture, share - lecture, 0
end

local function write_modules(d, out, i)
  local kind, hours = facts(d, i)
  for position = 1, layout.MODULES do
    local is_final = position == layout.MODULES
    local lecture, practice, control = module_hours(kind, hours, position)
    out[#out + 1] = MODULE.format:format(d.keys.program_module + i * layout.MODULES + position - 1, d.keys.program_version + i, position,
      is_final and "ИА" or "М" .. position, MODULES[position], lecture, practice, control,
      is_final and kind.attestation or "credit", is_final and "t" or "f", TOPICS[position])
  end
end

-- Long enough for the lessons that grow_lessons spreads over a term.
local function length_days(hours) return math.max(hours * 7 // 18, 130) end

local function write_intake(d, out, i)
  local p, college = layout.intake(i)
  local start = layout.intake_start(i, d.number)
  local _, hours, number = facts(d, p)
  local is_open = i >= layout.ENROLLED_GROUPS
  local is_free = layout.hash(i, d.number) % 5 < 3
  local closes = is_open and math.max(8, start - 5) or math.min(start - 5, -1)
  out[#out + 1] = INTAKE.format:format(d.keys.intake + i, d.keys.program + p, d.keys.program_version + p, d.keys.organization + college,
    d.keys.site + college, d:day(start), d:day(start + length_days(hours)), SHIFTS[i % #SHIFTS + 1],
    FORMS[number // 7 % #FORMS + 1], d:day(math.min(start, 0) - 45), d:day(closes),
    is_free and "0" or tostring(4000 + layout.hash(i, 7) % 40 * 1000), is_free and "{regional}" or "{paid}",
    is_open and "open" or "closed")
end

local function write_group(d, out, g)
  local p, college = layout.intake(g)
  local start = layout.intake_start(g, d.number)
  local _, hours = facts(d, p)
  local state = layout.group_state(g)
  local days = state == "closed" and 60 or length_days(hours)
  out[#out + 1] = GROUP.format:format(d.keys.study_group + g, ("Г%d-%03d"):format(d.number + 1, g + 1), d.keys.program + p,
    d.keys.program_version + p, d.keys.intake + g, d.keys.organization + college, d.keys.site + college, d:day(start),
    d:day(start + days), state, d.keys.resource + layout.ROOMS * 2 + layout.WORKSHOPS + g)
end

return {
  { "program", PROGRAM, layout.PROGRAMS, write_program },
  { "program_version", VERSION, layout.PROGRAMS, write_version },
  { "program_module", MODULE, layout.PROGRAMS, write_modules },
  { "intake", INTAKE, layout.INTAKES, write_intake },
  { "study_group", GROUP, layout.GROUPS, write_group },
}
