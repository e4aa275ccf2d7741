--- Stored files.
local respond = require("kit.respond")
local service = require("domain.files.service")

local function show(request)
  local file, err = service.get(request.user, request.params.id)
  if not file then return nil, err end
  return respond.file(file, { inline = true })
end

return {
  { "GET", "/files/{id}", show, access = "user", summary = "Файл, если он вам доступен" },
}
