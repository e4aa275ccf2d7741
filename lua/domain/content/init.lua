--- Pages that an administrator makes, as other modules see them.
local fields = require("domain.content.fields")
local present = require("domain.content.present")
local service = require("domain.content.service")
local store = require("domain.content.store")
local content = {}

content.SECTIONS, content.SVEDEN = fields.SECTIONS, fields.SVEDEN
content.addresses, content.choices = store.addresses, store.choices
content.news, content.path_of, content.problems = service.news, service.path_of, require("domain.content.editor").problems

-- For the demo, which makes pages as an administrator would.
content.create, content.section, content.save, content.publish = service.create, service.section, service.save, service.publish

--- Blocks that an administrator put into a page of the product, ready for the part `blocks`; nil when there are none.
---@param name string slug of the section
---@return table[]? blocks
---@return table? page title, lead …
function content.section_blocks(name)
  local page = service.shown_section(name)
  if not page or #page.blocks == 0 then return nil, page end
  return present.blocks(page.blocks), page
end

return content
