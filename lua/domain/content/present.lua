--- Blocks made ready for views/parts/block_*.html: everything that they show is looked up here.
local blocks = require("domain.content.blocks")
local competences = require("domain.competences")
local partners = require("domain.partners")
local programs = require("domain.programs")
local russian = require("kit.russian")
local service = require("domain.content.service")
local urls = require("kit.urls")
local present = {}

local MOST = 12

local function media(public_id) return public_id and public_id ~= "" and "/media/" .. public_id or nil end
present.media = media

local ready = {}

function ready.picture(block) return { src = media(block.file) } end

function ready.programs(block)
  local limit = math.min(block.limit or 6, MOST)
  local function one(value) return value and value ~= "" and { value } or nil end
  local filters = { q = block.q, kind = one(block.kind), competence = one(block.competence), price = one(block.price) }
  return { cards = programs.cards(filters, limit), more = urls.with("/programs", filters) }
end

function ready.competences(block) return { cards = competences.cards(math.min(block.limit or 8, MOST)) } end
function ready.partners(block) return { partners = partners.first(math.min(block.limit or 8, MOST)) } end

function ready.documents(block, files)
  local items = {}
  for _, item in ipairs(block.items or {}) do
    local file = files[item.file]
    if file then
      items[#items + 1] = { title = item.title, href = media(item.file), size = russian.size(file.size_bytes),
        kind = (file.name:match("%.(%w+)$") or ""):upper() }
    end
  end
  return { items = items }
end

--- Arguments of views/parts/blocks.html.
---@param list table[]? blocks of a page
---@return table[]
function present.blocks(list)
  local shown, files = {}, nil
  for index, block in ipairs(list or {}) do
    local copy = {}
    for key, value in pairs(block) do copy[key] = value end
    if block.type == "documents" and not files then files = service.files(blocks.files(list)) end
    if ready[block.type] then
      for key, value in pairs(ready[block.type](block, files)) do copy[key] = value end
    end
    shown[index] = copy
  end
  return shown
end

return present
