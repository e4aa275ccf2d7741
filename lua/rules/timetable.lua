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
}
