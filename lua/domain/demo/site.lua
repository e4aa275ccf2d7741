--- Content of the public site of the demo region: priorities, pages, news. Made through the same services as by hand, as the
--- system. Texts of data/demo/site.json are fictional.
local competences = require("domain.competences")
local content = require("domain.content")
local context = require("kit.context")
local dates = require("domain.demo.dates")
local json = require("core.json")
local store = require("domain.demo.store")
local tree = require("core.tree")
local site = {}

local function as_block(index, block)
  local copy = { id = "b" .. index }
  for key, value in pairs(block) do copy[key] = value end
  for position, item in ipairs(copy.items or {}) do item.id = ("i%d"):format(position) end
  return copy
end

local function publish(id, version, page)
  local list = {}
  for index, block in ipairs(page.blocks) do list[index] = as_block(index, block) end
  local saved = store.must(content.save(context.SYSTEM, id, {
    title = page.title, slug = page.slug, lead = page.lead, dated_on = page.dated_on, version = version }, list))
  store.must(content.publish(context.SYSTEM, id, saved.version))
end

--- `anchor`: the Monday of the demo as a day number.
function site.fill(anchor)
  local texts = store.must(json.decode(store.must(tree.read("data/demo/site.json"))))
  local year = tonumber(dates.text(anchor):sub(1, 4))
  for _, row in ipairs(texts.priorities) do
    row.year_from, row.year_to = year, year + 2
    store.must(competences.save(context.SYSTEM, nil, row))
  end
  for _, page in ipairs(texts.pages) do
    local made = store.must(content.create(context.SYSTEM, { kind = page.kind, title = page.title, slug = page.slug }))
    page.slug, page.dated_on = made.slug, page.days and dates.text(anchor + page.days) or nil
    publish(made.id, made.version, page)
  end
  for slug, page in pairs(texts.sections) do
    local made = store.must(content.section(context.SYSTEM, slug))
    page.slug = slug
    publish(made.id, 1, page)
  end
end

return site
