--- Routes of the kit: the description of the API, the state of a job.
local access = require("kit.access")
local errors = require("kit.errors")
local job = require("kit.job")
local respond = require("kit.respond")

local description = "{}"

local function describe_api()
  return respond.raw_json(description, 200, { ["cache-control"] = "public, max-age=300" })
end

local function own_job(request)
  local id = math.tointeger(tonumber(request.params.id))
  local found, err = job.find(id or 0)
  if not found then return nil, err end
  if found.created_by ~= request.user.id and access.scope(request.user, "job.read") ~= "all" then return nil, errors.not_found("job", id) end
  return found
end

local function show_job(request)
  local found, err = own_job(request)
  if not found then return nil, err end
  return respond.page(request, "jobs/show", { title = "Подготовка файла", job = found })
end

local function read_job(request)
  local found, err = own_job(request)
  if not found then return nil, err end
  return respond.json({
    id = tostring(found.id), kind = found.kind, state = found.state, progress = found.progress, progress_total = found.progress_total,
    progress_text = found.progress_text, result = found.result, error = found.state == "dead" and found.error or nil,
  })
end

local function cancel_job(request)
  local found, err = own_job(request)
  if not found then return nil, err end
  job.cancel(found.id)
  return respond.redirect("/cabinet/jobs/" .. found.id, { notice = "Подготовка остановлена", tone = "info" })
end

local routes = {
  { "GET", "/api/v1/openapi.json", describe_api, access = "public", session = false, summary = "Это описание", tag = "system",
    returns = { type = "object" } },
  { "GET", "/cabinet/jobs/{id}", show_job, access = "user", summary = "Ход фоновой задачи" },
  { "POST", "/cabinet/jobs/{id}/cancel", cancel_job, access = "user", summary = "Остановить фоновую задачу" },
  { "GET", "/api/v1/jobs/{id}", read_job, access = "user", returns = "Job", summary = "Ход фоновой задачи" },
}

--- Gives the bytes of /api/v1/openapi.json; called once by boot.
---@param bytes string
function routes.describe(bytes)
  description = bytes
end

routes.schemas = {
  Job = {
    { name = "id", type = "id" }, { name = "kind", type = "text" }, { name = "state", type = "enum",
      options = { "queued", "running", "done", "failed", "dead", "cancelled" } },
    { name = "progress", type = "integer" }, { name = "progress_total", type = "integer" }, { name = "progress_text", type = "text" },
    { name = "result", type = "json" }, { name = "error", type = "text" },
  },
}

return routes
