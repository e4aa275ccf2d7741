--- Where items of the books are used: book → columns that hold their codes. A used item is archived, never deleted.
---   table, column, label = what it is for people, is_list = the column is an array
local usage = {}

local function column(name, label, is_list)
  local table_name, column_name = name:match("^([%w_]+)%.([%w_]+)$")
  return { table = table_name, column = column_name, label = label, is_list = is_list or false }
end

usage.OF = {
  program_kind = { column("program.kind", "Программы: вид") },
  study_form = {
    column("program.study_form", "Программы: форма обучения"),
    column("intake.study_form", "Наборы: форма обучения"),
    column("study_group.study_form", "Группы: форма обучения"),
  },
  elearning = { column("program.e_learning", "Программы: электронное обучение") },
  network_form = { column("program.network_form", "Программы: сетевая форма") },
  funding = {
    column("application.funding", "Заявки: финансирование"),
    column("enrollment.funding", "Зачисления: финансирование"),
    column("intake.funding", "Наборы: финансирование", true),
  },
  attestation = {
    column("program.final_attestation", "Программы: итоговая аттестация"),
    column("program_module.interim_form", "Модули: промежуточная аттестация"),
  },
  lesson_kind = { column("lesson.kind", "Занятия: вид") },
  document_kind = { column("program.document_kind", "Программы: выдаваемый документ") },
  order_kind = { column("order_doc.kind", "Приказы: вид") },
  attendance = { column("attendance.mark", "Журнал: отметки посещаемости") },
  education_level = {
    column("person.education_level", "Люди: образование"),
    column("program.entry_education", "Программы: требуемое образование", true),
  },
  citizen_category = {
    column("person.citizen_category", "Люди: категория"),
    column("application.citizen_category", "Заявки: категория"),
  },
  listener_category = { column("person.listener_category", "Люди: категория слушателя") },
  health_limits = { column("person.health_limit", "Люди: ограничения здоровья") },
  org_kind = { column("organization.kind", "Организации: вид") },
  application_document = {
    column("application_document.kind", "Заявки: документы"),
    column("program.required_documents", "Программы: нужные документы", true),
  },
  shift = { column("intake.shift", "Наборы: время занятий") },
  room_kind = { column("room.kind", "Помещения: вид") },
  resource_kind = { column("resource.kind", "Ресурсы: вид") },
  staff_employment = { column("staff_resource.employment", "Преподаватели: условия работы") },
  consent_kind = { column("consent.kind", "Согласия: вид") },
  relation = { column("guardian_link.relation", "Законные представители: кем приходится") },
  competence = {
    column("program.competences", "Программы: компетенции", true),
    column("room.competence", "Мастерские: компетенция"),
    column("staff_resource.competences", "Преподаватели: компетенции", true),
    column("equipment.competences", "Оборудование: компетенции", true),
    column("consumable.competences", "Расходные материалы: компетенции", true),
    column("info_resource.competences", "Справочные ресурсы: компетенции", true),
  },
  okved_section = { column("program.okved_section", "Программы: раздел ОКВЭД") },
  okso = { column("program.okso", "Программы: направление подготовки") },
  spo = { column("program.okso", "Программы: направление подготовки") },
  prof_standard = { column("program.prof_standard", "Программы: профессиональный стандарт") },
  worker_profession = { column("program.worker_profession", "Программы: профессия") },
  activity_field = { column("program.activity_area", "Программы: область деятельности") },
}

local CAP = 1000

--- More than this is not counted.
usage.CAP = CAP

--- Statement that counts the uses of a code ($1) and of the item itself as a parent ($2): rows {n, uses}.
---@param book string
---@return string sql
---@return string[] labels by n
function usage.statement(book)
  local parts, labels = {}, {}
  local function add(label, condition)
    labels[#labels + 1] = label
    parts[#parts + 1] = ("SELECT %d AS n, count(*) AS uses FROM (SELECT FROM %s LIMIT %d) AS found"):format(
      #labels,
      condition,
      CAP + 1
    )
  end
  add(
    "Справочники: вложенные элементы",
    "ref_item WHERE parent_id = $2::bigint AND $1::text IS NOT NULL"
  )
  for _, use in ipairs(usage.OF[book] or {}) do
    add(
      use.label,
      ("%s WHERE %s"):format(use.table, use.is_list and ("ARRAY[$1::text] <@ " .. use.column) or (use.column .. " = $1::text"))
    )
  end
  return table.concat(parts, " UNION ALL "), labels
end

--- Statement that holds writers of these tables back until the deletion is done: nobody may begin to use the item meanwhile.
---@param book string
---@return string sql
function usage.lock(book)
  local tables, seen = { "ref_item" }, {}
  for _, use in ipairs(usage.OF[book] or {}) do
    if not seen[use.table] then tables[#tables + 1] = use.table end
    seen[use.table] = true
  end
  table.sort(tables)
  return "LOCK TABLE " .. table.concat(tables, ", ") .. " IN SHARE MODE"
end

return usage
