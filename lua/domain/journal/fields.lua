--- Marks of the journal and how a teacher types them.
local fields = {}

local text = require("core.text")

--- Letters of the grid; nothing stands for «присутствовал».
fields.LETTERS = { absent = "н", late = "о", sick = "б", excused = "у", online = "д", present = "" }
fields.IS_PRESENT = { present = true, late = true, online = true }

local MARK_OF = {}
for code, letter in pairs(fields.LETTERS) do
  if letter ~= "" then MARK_OF[letter] = code end
end

fields.MARK_NAMES = { present = "был(а)", absent = "не был(а)", late = "опоздание", sick = "болезнь", excused = "уважительная причина",
  online = "дистанционно" }

--- What the history of a lesson calls the records of the audit.
fields.ACTIONS = {
  ["journal.mark"] = "Отметка", ["journal.page"] = "Тема и задание", ["lesson.create"] = "Занятие поставлено",
  ["lesson.move"] = "Занятие перенесено", ["lesson.publish"] = "Опубликовано", ["lesson.cancel"] = "Отменено",
  ["lesson.hold"] = "Проведено", ["lesson.sign"] = "Журнал подписан", ["lesson.unsign"] = "Журнал открыт для правки",
  ["lesson.lock"] = "Закрыто",
}

--- What a cell of the grid shows: «н», «5», «о4».
---@param cell {mark: string?, grade: string?}
---@return string
function fields.cell_text(cell)
  local grade = cell.grade == "na" and "н/а" or cell.grade or ""
  return (cell.mark and fields.LETTERS[cell.mark] or "") .. grade
end

--- Reads what was typed into a cell. A mark alone («5») means that the learner was there; an empty cell: present.
---@param typed string
---@return string? mark
---@return string? grade
function fields.parse_cell(typed)
  local value = text.lower(text.trim(typed))
  local grade = value:match("([2-5])$")
  local letter = grade and value:sub(1, -2) or value
  return MARK_OF[letter] or "present", grade
end

--- Input for service.write, or nil when nothing changes. An empty `grade` takes the mark away, nil leaves it.
---@param learner {id: integer, mark: string?, grade: string?}
---@return table?
function fields.difference(learner, mark, grade)
  local input = { enrollment_id = learner.id, clear = {} }
  if mark and mark ~= "" and mark ~= learner.mark then input.mark = mark end
  if grade == "" and learner.grade then input.clear = { "grade" } end
  if grade and grade ~= "" and grade ~= learner.grade then input.grade = grade end
  if input.mark or input.grade or #input.clear > 0 then return input end
  return nil
end

--- One cell: attendance, mark, or both. `null` takes a mark away.
fields.CELL = {
  { name = "enrollment_id", type = "id", label = "Слушатель", required = true },
  { name = "mark", type = "enum", label = "Посещаемость", options = { "present", "absent", "excused", "sick", "late", "online" } },
  { name = "grade", type = "text", label = "Оценка", max_length = 4 },
  { name = "clear", type = "list", label = "Что убрать" },
  { name = "minutes", type = "integer", label = "Минут присутствия", min = 0, max = 720 },
  { name = "version", type = "integer", label = "Версия", min = 0 },
}

fields.PAGE = {
  { name = "topic", type = "text", label = "Тема", required = true, max_length = 500 },
  { name = "homework", type = "text", label = "Задание", max_length = 2000 },
  { name = "version", type = "integer", label = "Версия", min = 1 },
}

fields.MONTH = {
  { name = "month", type = "text", label = "Месяц", pattern = "^%d%d%d%d%-%d%d$" },
}

return fields
