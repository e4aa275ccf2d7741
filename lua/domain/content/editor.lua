--- The editor of a page as data for its view, and the uploads of its form.
local fields = require("domain.content.fields")
local form = require("kit.form")
local russian = require("kit.russian")
local service = require("domain.content.service")
local editor = {}

local ACCEPT = { picture = ".png,.jpg,.jpeg,.webp", document = ".pdf,.docx,.xlsx,.odt,.ods,.doc,.xls,.pptx,.zip" }
local MAX_BYTES = { picture = fields.PICTURE_BYTES, document = fields.DOCUMENT_BYTES }

local function kind_of_upload(name, typed)
  if name == "picture_upload" then return "picture", "picture" end
  local target = name:match("^(b[%w%.]+)_upload$")
  local block = target and fields.BLOCK[(typed[target:match("^%w+") .. ".type"] or {})[1]]
  for _, field in ipairs(block and (block.item or block).fields or {}) do
    if field.file and target:match("%.(%w+)$") == field.name then return field.file, target end
  end
end

--- Stores the files of the form and writes their ids into what was typed.
---@param typed table request:form_all(), changed in place
---@return table[] faults {field, code, message}
function editor.keep_files(request, typed)
  local faults = {}
  for _, upload in ipairs(request:files()) do
    local kind, target = kind_of_upload(upload.name, typed)
    if kind and upload.size > 0 then
      local id, err = service.keep_file(request.user, upload, kind)
      if id then
        typed[target] = { id }
      else
        faults[#faults + 1] = { field = target, code = err.code, message = err.fields and err.fields[1].message or err.text }
      end
    end
  end
  return faults
end

local function file_of(files, id)
  local file = id and files[id]
  return file and { name = file.name, size = russian.size(file.size_bytes), href = "/media/" .. id }
end

-- A field of a block for views/parts/block_field.html.
local function field_of(field, value, prefix, errors, around)
  local shown = { name = prefix .. "." .. field.name,
    id = "f-" .. prefix:gsub("%.", "-") .. "-" .. field.name, label = field.label, hint = field.hint, value = value, must = field.must,
    max_length = field.max_length, min = field.min, max = field.max, error = errors[prefix .. "." .. field.name],
    type = field.type == "integer" and "number" or "text" }
  if field.file then
    shown.type, shown.accept, shown.max_bytes, shown.file = "file", ACCEPT[field.file], MAX_BYTES[field.file], file_of(around.files, value)
    shown.is_picture = field.file == "picture"
  elseif field.rich then
    shown.type, shown.rows = "rich", 8
  elseif field.choices then
    shown.type, shown.options, shown.empty = "select", around[field.choices], "любой"
  elseif field.multiline then
    shown.type, shown.rows = "textarea", 3
  end
  return shown
end

local function fields_of(schema, values, prefix, errors, around)
  local list = {}
  for index, field in ipairs(schema) do list[index] = field_of(field, values[field.name], prefix, errors, around) end
  return list
end

local function block_of(block, errors, around)
  local kind = fields.BLOCK[block.type]
  local shown = { id = block.id, type = block.type, label = kind.label, icon = kind.icon, fields = fields_of(kind.fields, block, block.id, errors, around),
    error = errors[block.id .. ".items"] }
  if kind.item then
    shown.item_label, shown.items, shown.can_add = kind.item.label, {}, #(block.items or {}) < kind.item.max
    for index, item in ipairs(block.items or {}) do
      shown.items[index] = { id = item.id, fields = fields_of(kind.item.fields, item, block.id .. "." .. item.id, errors, around) }
    end
  end
  return shown
end

local function options(map)
  local list = {}
  for value, label in pairs(map) do list[#list + 1] = { value = value, label = label } end
  table.sort(list, function(a, b) return a.label < b.label end)
  return list
end

--- Faults with the ids of their controls: names have dots, ids have none.
---@param fault kit.Error?
function editor.problems(fault)
  local list = {}
  for index, problem in ipairs(fault and fault.fields or {}) do
    list[index] = { field = (problem.field:gsub("%.", "-")), message = problem.message }
  end
  return list
end

local function note_of(page)
  for _, section in ipairs(fields.SECTIONS) do
    if page.kind == "section" and section.slug == page.slug then return section.note end
  end
end

--- Data of views/content/edit.html.
---@param page table of service.get()
---@param fault kit.Error?
---@param around table {files, competences, kinds, prices}
function editor.data(page, fault, around)
  local by_field, choices = fault and fault.by_field or {}, {}
  for index, choice in ipairs(around.competences) do choices[index] = { value = choice.code, label = choice.name } end
  local known = { files = around.files, competences = choices, kinds = options(around.kinds), prices = options(around.prices) }
  local shown, head = {}, {}
  for index, block in ipairs(page.blocks) do shown[index] = block_of(block, by_field, known) end
  for _, field in ipairs(form.render(fields.PAGE, page, fault)) do head[field.name] = field end
  head.lead.type = "textarea"
  head.picture.type, head.picture.accept, head.picture.max_bytes = "file", ACCEPT.picture, MAX_BYTES.picture
  head.picture.file, head.picture.is_picture = file_of(around.files, page.picture), true
  head.picture.hint = fields.BLOCK.picture.fields[1].hint
  return {
    title = page.title ~= "" and page.title or "Страница", nav = "pages", page = page, head = head, blocks = shown, kinds = fields.BLOCKS,
    state = fields.STATES[page.state], fault = fault, errors = editor.problems(fault), note = note_of(page), can_add = #page.blocks < fields.MAX_BLOCKS,
    kind_name = fields.KINDS[page.kind], audited = { "page", page.id }, scripts = { "editor.js" },
  }
end

return editor
