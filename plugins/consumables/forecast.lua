--- Прогноз: идём по дням расписания и вычитаем норму × слушатели × часы, пока остаток не кончится.
local forecast = {}

local function by_room(load)
  local days = {}
  for _, row in ipairs(load) do
    days[row.room_id] = days[row.room_id] or {}
    table.insert(days[row.room_id], row)
  end
  return days
end

--- Чистая часть: материалу — день нехватки и сколько недостаёт.
function forecast.of_material(material, days)
  local left, need = material.stock, 0
  local short_on
  for _, day in ipairs(days or {}) do
    need = need + material.norm * day.hours
    if not short_on and need > left then short_on = day.day end
  end
  return { id = material.id, room = material.room, name = material.name, unit = material.unit, stock = left, need = need,
    short_on = short_on, missing = math.max(0, need - left) }
end

local function forecast_of(ctx, materials)
  if #materials == 0 then return {} end
  local days, items = by_room(ctx.db.rows("load", ctx.today, ctx.settings.horizon_days)), {}
  for i, material in ipairs(materials) do items[i] = forecast.of_material(material, days[material.room_id]) end
  return items
end

function forecast.list(ctx, request) return { items = forecast_of(ctx, ctx.db.rows("materials", request.query.room_id)) } end

function forecast.page(ctx)
  return { items = forecast_of(ctx, ctx.db.rows("materials", nil)), days = ctx.settings.horizon_days,
    rooms = ctx.may("consumables.edit") and ctx.db.rows("rooms") or nil }
end

--- Раздел на карточке группы: материалы мастерских, где у неё занятия. Нет материалов — нет и раздела.
function forecast.of_group(ctx, args)
  local materials = ctx.db.rows("of_group", args.group_id, ctx.today)
  if #materials == 0 then return nil end
  return { items = forecast_of(ctx, materials), days = ctx.settings.horizon_days }
end

function forecast.save(ctx, request)
  local m = request.body
  local ok, err = ctx.db.exec("put", m.room_id, m.name, m.unit, m.stock, m.norm)
  if not ok then
    return nil, err.code == "constraint" and { code = "unknown_room", field = "room_id", text = "Такой мастерской нет." } or err
  end
  return { redirect = "/cabinet/x/consumables", notice = "Записано: " .. m.name }
end

--- Ночью: день нехватки записывается у материала, о близкой нехватке пишется в журнал.
function forecast.nightly(ctx)
  local short = 0
  for _, item in ipairs(forecast_of(ctx, ctx.db.rows("materials", nil))) do
    if short == 40 then break end -- за вызов не больше 50 обращений; остальные — следующей ночью
    if (ctx.db.exec("note", item.id, item.short_on) or 0) > 0 and item.short_on then short = short + 1 end
  end
  if short > 0 then ctx.log("материалов, которых не хватит: " .. short) end
  return { short = short }
end

return forecast
