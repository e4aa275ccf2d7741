--- Which reference books come with the product, and how the columns of their files become items.
--- `items(row)` names the code and the name; `parent` = {book, column}; `external` = columns kept beside the item.
--- Books that others name as parents stand before them.
local books = {}

local function plain(code, name) return { code = code or "code", name = name or "name" } end

--- Books with a file of their own.
books.FILES = {
  {
    code = "region",
    title = "Субъекты Российской Федерации",
    file = "regions",
    columns = plain(),
    external = { "trudvsem_region_code", "short_name", "federal_district", "tz_iana" },
  },
  {
    code = "competence_sector",
    title = "Отрасли компетенций",
    file = "competences",
    columns = plain("sector", "sector"),
  },
  {
    code = "competence",
    title = "Компетенции",
    file = "competences",
    columns = plain(),
    parent = { "competence_sector", "sector" },
    external = { "wsi_skill_no" },
  },
  {
    code = "ugs",
    title = "Укрупнённые группы профессий и специальностей",
    file = "ugs",
    columns = plain(),
  },
  {
    code = "okso",
    title = "Направления подготовки высшего образования",
    file = "okso_vo",
    columns = plain(),
    parent = { "ugs", function(row) return row.code:sub(1, 2) .. ".00.00" end },
    external = { "level" },
  },
  {
    code = "spo",
    title = "Профессии и специальности СПО",
    file = "spo",
    columns = plain(),
    parent = { "ugs", function(row) return row.code:sub(1, 2) .. ".00.00" end },
    external = { "kind" },
  },
  {
    code = "okved_section",
    title = "Разделы ОКВЭД-2",
    file = "okved_sections",
    columns = plain(),
    external = { "divisions" },
  },
  { code = "okz", title = "Группы занятий (ОКЗ)", file = "okz_groups", columns = plain() },
  {
    code = "okpdtr",
    title = "Профессии рабочих и должности служащих (ОКПДТР)",
    file = "okpdtr",
    columns = plain(),
  },
  {
    code = "prof_standard",
    title = "Профессиональные стандарты",
    file = "profstandards",
    columns = plain(),
  },
  {
    code = "worker_profession",
    title = "Профессии рабочих, должности служащих (ФРДО)",
    file = "frdo_professions",
    columns = plain("name", "name"),
  },
  {
    code = "activity_field",
    title = "Области деятельности",
    file = "profession_direction",
    columns = plain("direction", "direction"),
  },
  {
    code = "profession_direction",
    title = "Профессии по областям деятельности",
    file = "profession_direction",
    columns = plain(function(row) return row.profession .. " / " .. row.direction end, "profession"),
    parent = { "activity_field", "direction" },
  },
}

--- Small lists that share a file: column `list` names the book.
books.LISTS = {
  { file = "refs", code = "code", name = "name", prefix = "" },
  { file = "refs_own", code = "code", name = "name", prefix = "" },
  { file = "frdo_dpo_lists", code = "value", name = "value", prefix = "frdo_dpo_" },
  { file = "frdo_po_lists", code = "value", name = "value", prefix = "frdo_po_" },
}

--- Lists of the ФРДО templates have Russian names there; a book needs an identifier.
books.FRDO_NAMES = {
  ["Пол"] = "gender",
  ["пол"] = "gender",
  ["Статус"] = "status",
  ["статус"] = "status",
  ["спВидДокумента"] = "document",
  ["Вид_документа"] = "document",
  ["спГражданство"] = "citizenship",
  ["гражданство"] = "citizenship",
  ["спДопПрофПрог"] = "program",
  ["проф"] = "program",
  ["спИстФинан"] = "funding",
  ["финансирование"] = "funding",
  ["спОбластьПрофДеятельности"] = "area",
  ["спОбмена"] = "exchange",
  ["Ообмен"] = "exchange",
  ["спПрекращенияОО"] = "leaving",
  ["Отношения"] = "leaving",
  ["спУкрГрСпец"] = "ugs",
  ["спУничтожения"] = "destruction",
  ["унич"] = "destruction",
  ["спУровеньОбразования"] = "education",
  ["спУтраты"] = "loss",
  ["утратаа"] = "loss",
  ["спФормаОбучения"] = "form",
  ["ФО"] = "form",
  ["Класс1"] = "rank",
}

books.FRDO_TITLES = {
  gender = "пол",
  status = "статус документа",
  document = "вид документа",
  citizenship = "гражданство",
  program = "вид программы",
  funding = "источник финансирования",
  area = "область профессиональной деятельности",
  exchange = "подтверждение обмена",
  leaving = "прекращение образовательных отношений",
  ugs = "укрупнённые группы специальностей",
  destruction = "подтверждение уничтожения",
  education = "уровень образования",
  loss = "подтверждение утраты",
  form = "форма обучения",
  rank = "разряд, класс",
}

books.TITLES = {
  program_kind = "Виды программ",
  study_form = "Формы обучения",
  elearning = "Электронное обучение и ДОТ",
  network_form = "Сетевая форма",
  funding = "Источники финансирования",
  payer = "Плательщики",
  attestation = "Формы аттестации",
  lesson_kind = "Виды занятий",
  document_kind = "Виды документов о квалификации",
  order_kind = "Виды приказов",
  attendance = "Отметки посещаемости",
  grade_scale = "Оценки",
  education_level = "Уровни образования",
  citizen_category = "Категории граждан",
  qualification_level = "Уровни квалификации",
  resource_kind = "Виды ресурсов",
  org_kind = "Виды организаций",
  event_kind = "Виды мероприятий",
  employment_kind = "Виды занятости",
  listener_category = "Категории слушателей (1-ПК)",
  stat_education = "Уровни образования (статистика)",
  health_limits = "Ограничения здоровья",
  application_document = "Документы заявки",
  shift = "Время занятий",
  room_kind = "Виды помещений",
  staff_employment = "Условия работы преподавателей",
  consent_kind = "Виды согласий",
  relation = "Законные представители",
}

return books
