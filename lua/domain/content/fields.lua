--- Pages that an administrator makes of blocks: kinds of pages, kinds of blocks, and the schemas of both.
--- Other keys than those of kit.form: `must` = empty in a draft, never in a published page; `rich` = cleaned markup;
--- `file` = a picture or a document (the value is the public id of the file).
local fields = {}

fields.KINDS = { page = "Страница", news = "Новость", section = "Раздел сайта" }

--- Pages of the product in which a page of kind «section» stands: slug → where, and what it is for.
fields.SECTIONS = {
  { slug = "home", path = "/", title = "Главная", note = "Блоки встанут на главной странице перед новостями." },
  { slug = "about", path = "/about", title = "О центре" },
  { slug = "contacts", path = "/contacts", title = "Контакты", note = "Адрес и телефоны берутся из настроек; здесь то, что под ними: как проехать, часы приёма." },
  { slug = "documents", path = "/documents", title = "Документы" },
  { slug = "partners", path = "/partners", title = "Партнёры", note = "Список партнёров составляется сам; здесь то, что над ним." },
  { slug = "events", path = "/events", title = "Мероприятия" },
  { slug = "career", path = "/career", title = "Профориентация" },
  { slug = "vacancies", path = "/vacancies", title = "Вакансии" },
  { slug = "employers", path = "/employers", title = "Работодателям" },
  { slug = "privacy", path = "/privacy", title = "Персональные данные и файлы cookie" },
  { slug = "competences", path = "/competences", title = "Приоритетные компетенции", note = "Список составляют сотрудники; здесь то, что над ним." },
}

-- Subsections of «Сведения об образовательной организации»: address, name; what can be drawn from the data stands there by itself.
fields.SVEDEN = {
  { "common", "Основные сведения" }, { "struct", "Структура и органы управления" }, { "document", "Документы" }, { "education", "Образование" },
  { "standarts", "Образовательные стандарты и требования" }, { "managers", "Руководство" }, { "employees", "Педагогический состав" },
  { "objects", "Материально-техническое обеспечение. Доступная среда" }, { "paid", "Платные образовательные услуги" },
  { "budget", "Финансово-хозяйственная деятельность" }, { "vacant", "Вакантные места для приёма" },
  { "grants", "Стипендии и меры поддержки обучающихся" }, { "inter", "Международное сотрудничество" }, { "catering", "Организация питания" },
}
for _, part in ipairs(fields.SVEDEN) do
  table.insert(fields.SECTIONS, { slug = "sveden-" .. part[1], path = "/sveden/" .. part[1], title = part[2], group = "sveden" })
end

fields.PICTURE_BYTES = 2 * 1024 * 1024
fields.DOCUMENT_BYTES = 20 * 1024 * 1024
fields.PICTURES = { "png", "jpg", "jpeg", "webp" }
fields.DOCUMENTS = { "pdf", "docx", "xlsx", "odt", "ods", "doc", "xls", "pptx", "zip" }
fields.MAX_BLOCKS = 40

local LINK_MESSAGE = "Начните с / для страницы этого сайта или с https://"

local function heading(label)
  return { name = "heading", type = "text", label = label or "Заголовок", max_length = 200 }
end
local function link(must)
  return { name = "href", type = "text", label = "Куда ведёт", max_length = 500, must = must, is_link = true, message = LINK_MESSAGE,
    hint = "Например, /programs или https://example.org" }
end
local function how_many(default)
  return { name = "limit", type = "integer", label = "Сколько показать", min = 1, max = 12, default = default }
end

--- Blocks in the order of the menu «Добавить». `fields` of the block, `item` = what it repeats.
fields.BLOCKS = {
  { type = "text", label = "Текст", icon = "file-text", fields = {
    heading(), { name = "html", type = "text", rich = true, multiline = true, label = "Текст", max_length = 30000, must = true } } },
  { type = "picture", label = "Картинка", icon = "photo", fields = {
    { name = "file", type = "uuid", file = "picture", label = "Файл картинки", must = true,
      hint = "PNG, JPG или WebP до 2 МБ. Размер не меняется: подготовьте картинку шириной до 1600 точек" },
    { name = "alt", type = "text", label = "Что на картинке", max_length = 300, must = true,
      hint = "Одно предложение для тех, кто картинку не видит" },
    { name = "caption", type = "text", label = "Подпись", max_length = 300 } } },
  { type = "cards", label = "Карточки", icon = "layout-grid", fields = { heading() },
    item = { label = "Карточка", max = 12, fields = {
      { name = "title", type = "text", label = "Название", max_length = 120, must = true },
      { name = "text", type = "text", multiline = true, label = "Текст", max_length = 600 }, link(false) } } },
  { type = "programs", label = "Программы", icon = "book", fields = {
    heading(), { name = "q", type = "text", label = "Слова в названии", max_length = 200 },
    { name = "kind", type = "text", choices = "kinds", label = "Вид программы", max_length = 40 },
    { name = "competence", type = "text", choices = "competences", label = "Компетенция", max_length = 40 },
    { name = "price", type = "text", choices = "prices", label = "Стоимость", max_length = 10 }, how_many(6) } },
  { type = "competences", label = "Компетенции", icon = "compass", fields = { heading(), how_many(8) } },
  { type = "partners", label = "Партнёры", icon = "heart-handshake", fields = { heading(), how_many(8) } },
  { type = "contacts", label = "Контакты", icon = "map-pin", fields = { heading() } },
  { type = "documents", label = "Документы", icon = "files", fields = { heading() },
    item = { label = "Документ", max = 50, fields = {
      { name = "title", type = "text", label = "Название документа", max_length = 300, must = true },
      { name = "file", type = "uuid", file = "document", label = "Файл", must = true, hint = "PDF, DOCX, XLSX, ODT и другие, до 20 МБ" } } } },
  { type = "call", label = "Призыв", icon = "speakerphone", fields = {
    { name = "heading", type = "text", label = "Заголовок", max_length = 200, must = true },
    { name = "text", type = "text", multiline = true, label = "Текст", max_length = 600 }, link(true),
    { name = "label", type = "text", label = "Надпись на кнопке", max_length = 60, must = true } } },
  { type = "faq", label = "Вопросы и ответы", icon = "help-circle", fields = { heading() },
    item = { label = "Вопрос", max = 30, fields = {
      { name = "question", type = "text", label = "Вопрос", max_length = 300, must = true },
      { name = "html", type = "text", rich = true, multiline = true, label = "Ответ", max_length = 6000, must = true } } } },
}

fields.BLOCK = {}
for _, block in ipairs(fields.BLOCKS) do fields.BLOCK[block.type] = block end

fields.NEW = {
  { name = "kind", type = "enum", label = "Что создаём", required = true, options = {
    { value = "page", label = "Страница" }, { value = "news", label = "Новость" } } },
  { name = "title", type = "text", label = "Заголовок", required = true, max_length = 200 },
  { name = "slug", type = "text", label = "Адрес", max_length = 80, pattern = "^[a-z0-9%-]*$",
    message = "Только строчные латинские буквы, цифры и дефис", hint = "Латиницей; пусто — составим из заголовка" },
}

--- The head of a page in the editor.
fields.PAGE = {
  { name = "title", type = "text", label = "Заголовок", required = true, max_length = 200 },
  { name = "slug", type = "text", label = "Адрес", max_length = 80, pattern = "^[a-z0-9]+[a-z0-9%-]*$",
    message = "Только строчные латинские буквы, цифры и дефис" },
  { name = "lead", type = "text", multiline = true, label = "Краткое описание", max_length = 400, rows = 3,
    hint = "Одно-два предложения: под заголовком, в списках и для поисковых систем" },
  { name = "dated_on", type = "date", label = "Дата новости" },
  { name = "picture", type = "uuid", label = "Картинка" },
  { name = "picture_alt", type = "text", label = "Что на картинке", max_length = 300,
    hint = "Обязательно, если есть картинка: одно предложение для тех, кто её не видит" },
  { name = "version", type = "integer", label = "Версия", required = true, min = 1 },
}

fields.LIST = {
  { name = "q", type = "text", label = "Поиск", max_length = 200 },
  { name = "kind", type = "enum", label = "Вид", options = { "page", "news", "section" } },
  { name = "state", type = "enum", label = "Состояние", options = { "draft", "published", "changed", "archived" } },
  { name = "sort", type = "enum", label = "Порядок", options = { "newest", "title", "-title", "-newest" } },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 600 },
}

fields.NEWS = {
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 50 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 100 },
}

fields.STATES = {
  draft = { label = "Черновик", tone = "neu", icon = "pencil" },
  published = { label = "Опубликована", tone = "ok", icon = "circle-check" },
  changed = { label = "Опубликована, есть правки", tone = "warn", icon = "pencil" },
  archived = { label = "Снята", tone = "neu", icon = "archive" },
}

return fields
