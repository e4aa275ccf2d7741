--- Событие записывается в журнал в той же транзакции, что и отметка о доставке; отправляет его задание, которое повторяется само.
local notify = {}

local NAMES = { entity = true, public_id = true, action = true, from = true, to = true }

-- Наружу уходит только то, что названо: ни имён, ни причин.
local function body_of(event)
  local parts = {}
  for name in pairs(NAMES) do
    if event[name] then parts[#parts + 1] = ('"%s":"%s"'):format(name, tostring(event[name]):gsub('[%c"\\]', "")) end
  end
  parts[#parts + 1] = ('"key":"%s"'):format(event.key)
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

function notify.on_event(ctx, event)
  if ctx.settings.url == "" then return true end
  local row = ctx.db.row("insert", event.key, ctx.point, body_of(event))
  if row then ctx.jobs.enqueue("send", { id = row.id }, { key = tostring(row.id) }) end
  return true
end

function notify.send(ctx, job)
  local row = ctx.db.row("take", job.id)
  if not row then return { skipped = true } end
  local answer, err = ctx.http.fetch({ method = "POST", url = ctx.settings.url, body = row.payload,
    headers = { ["Content-Type"] = "application/json", ["X-Copp-Event"] = row.hook }, sign = { secret = "key", header = "X-Copp-Signature" } })
  if answer and answer.status >= 200 and answer.status < 300 then
    ctx.db.exec("sent", row.id, answer.status)
    return { status = answer.status }
  end
  local reason = err and err.text or "приёмник ответил " .. answer.status
  ctx.db.exec("failed", row.id, answer and answer.status, reason)
  return nil, { code = "not_sent", text = reason } -- задание повторится: с каждым разом позже
end

function notify.sweep(ctx)
  ctx.db.exec("sweep", ctx.settings.keep_days)
  return true
end

function notify.list(ctx) return { items = ctx.db.rows("journal") } end

function notify.page(ctx) return { rows = ctx.db.rows("journal"), url = ctx.settings.url } end

return notify
