local bus = require("core.bus")
local context = require("kit.context")
local db = require("core.db")
local json = require("core.json")
local menus = require("domain.menus")

local HEADER = { { label = "Учиться", items = { { label = "Программы", href = "/programs" } } },
  { label = "Новости", href = "/news" }, { label = "Главное из новостей", href = "/news/best" }, { label = "Начало", href = "/" } }

local function frame(path, is_guest)
  local data = {}
  menus.page_data[1].fn({ path = path, user = { is_guest = is_guest or false } }, data)
  return data.site_frame
end

local function current(path)
  for _, item in ipairs(frame(path).menu) do
    if item.current then return item.label end
  end
  return nil
end

describe("the menu around a public page", function()
  before_each(function()
    db.reset()
    context.enter({ id = "r1" })
    db.answer("FROM site_menu", { { code = "header", items = json.encode(HEADER), version = 1 } })
    bus.notify("menus")
  end)
  after_each(function()
    context.leave()
    db.reset()
    bus.notify("menus")
  end)

  it("marks the item whose address, or one below it, is shown", function()
    assert.equal("Новости", current("/news"))
    assert.equal("Новости", current("/news/12"))
    assert.equal("Учиться", current("/programs/svarka"))
  end)
  it("takes the longest address", function() assert.equal("Главное из новостей", current("/news/best/1")) end)
  it("marks none for another page, whatever begins alike", function()
    assert.is_nil(current("/newsletter"))
    assert.is_nil(current("/"))
  end)
  it("is one table for all guests at the same item, and another for those who are in", function()
    assert.equal(frame("/news", true), frame("/news/12", true))
    assert.not_equal(frame("/news", true), frame("/news", false))
    assert.not_equal(frame("/news", true), frame("/programs", true))
  end)
  it("is another table after the menu has changed", function()
    local before = frame("/news", true)
    bus.notify("menus")
    assert.not_equal(before, frame("/news", true))
  end)
end)
