--- First page of the platform.
local programs = require("domain.programs")
local respond = require("kit.respond")

local CARDS = 6
local COMPETENCES = 8

local function home(request)
  local nearest = programs.nearest(CARDS)
  local competences = table.move(nearest.competences, 1, math.min(#nearest.competences, COMPETENCES), 1, {})
  return respond.page(request, "site/home", {
    title = "Обучение новой профессии", nav = "home", total = nearest.total, cards = nearest.cards, competences = competences,
    description = "Короткие программы обучения на современном оборудовании колледжей и предприятий региона.",
  })
end

return {
  { "GET", "/", home, access = "public", summary = "Главная страница" },
}
