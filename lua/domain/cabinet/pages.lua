--- First screens of cabinets, and the looks of the site.
local learner = require("domain.cabinet.home_learner")
local page = require("kit.page")
local policy = require("domain.cabinet.policy")
local region = require("domain.cabinet.home_region")
local respond = require("kit.respond")
local work = require("domain.cabinet.home_work")
local slots = require("kit.plugin.slots")

--- First screens that are not lists of sections have a view of their own.
local function home(request)
  local role = policy.role(request.user)
  if role == "learner" then return respond.page(request, "cabinet/learner", learner.data(request)) end
  local data = role == "coordinator" and region.data() or work.data(request, role)
  data.slots = slots.fill("cabinet.home.sections", {}, request)
  return respond.page(request, "cabinet/home", data)
end

-- Looks of the site live in cookies of this browser; nothing else changes, hence GET links serve, too.
local function keep_looks(request, given)
  if given.theme then page.keep_theme(request, given.theme) end
  if given.vi == "off" then
    page.keep_vi(request, nil)
  elseif given.vi then
    page.keep_vi(request, { scheme = given.vi, size = given.size, spacing = given.spacing, font = given.font, images = given.images ~= "0" })
  end
  return respond.redirect(respond.local_path(given.back, "/"))
end

local function view(request) return keep_looks(request, request.query) end
local function set_looks(request) return keep_looks(request, request:form()) end

return {
  { "GET", "/cabinet", home, access = "user", summary = "Первый экран кабинета" },
  { "GET", "/view", view, access = "public", summary = "Версия для слабовидящих и тема (ссылкой)" },
  { "POST", "/vi", set_looks, access = "public", preview = true, summary = "Версия для слабовидящих" },
  { "POST", "/theme", set_looks, access = "public", preview = true, summary = "Светлая или тёмная тема" },
}
