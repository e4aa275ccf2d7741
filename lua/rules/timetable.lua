--- Which rules of the timetable are on, and what they allow. H1–H4 are the database's and cannot be switched off here;
--- the others may be overridden by who has the right, with a reason that is kept.
return {
  minutes_per_academic_hour = 45,
  suggestions = 6, -- free places proposed beside a conflict
  suggestion_days = 14,
  hours_a_day = { adults = 8, minors = 6 }, -- academic
  -- What a proposed place costs, so that the cheapest comes first: how far it is from where the lesson stands, what else changes.
  suggestion_cost = { day = 2, hour = 1, room = 2, teacher = 6, evening = 3, saturday = 4, swap = 5, evening_from = "18:00" },
  rules = {
    H5 = { on = true, title = "Рабочее время и праздники" },
    H6 = { on = true, title = "Места в помещении" },
    H9 = { on = true, title = "Часы модуля" },
    H11 = { on = true, title = "Закреплённые занятия" },
    H13 = { on = true, title = "Часов в день" },
    H14 = { on = true, title = "Звонки площадки" },
  },
  -- What the solver takes for good: the price of each fault in a draft, from 0 to 255. A draft never breaks H1–H5 whatever the prices.
  plan = {
    lonely = 2,          -- S3: a single pair of a group without a neighbour
    window = 3,          -- S3: a free pair of a group between two others
    teacher_window = 1,  -- S4: the same of a teacher
    day = 2,             -- S2: a day too few over which a module is spread
    room = 1,            -- S5: a module in one room more than one
    moved = 10,          -- S13: a lesson of the published timetable in another place; what a dispatcher may change for one plan
    pairs_a_day = { adults = 4, minors = 3 }, -- H13, of a group
    pairs_of_module_a_day = 2, -- a module is spread over at least its pairs divided by this
    order_slack_days = 1, -- H10: lectures, then practice of a module may begin so many days before their turn, and end so many after
  },
}
