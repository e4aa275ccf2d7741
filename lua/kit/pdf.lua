--- PDF of a print view, made in a job: a view with the layout `print` is rendered once more with it.pdf, and WeasyPrint (Debian) turns
--- it into a tagged PDF/UA. It needs no network, no display and no privileges, and weighs a tenth of a browser.
---
---   jobs = { ["privacy.pdf"] = function(payload) return { file_id = pdf.make("Мои данные", "privacy/print", data).public_id } end }
local context = require("kit.context")
local file = require("kit.file")
local files = require("core.files")
local log = require("core.log")
local process = require("core.process")
local view = require("kit.view")
local pdf = {}

local TIMEOUT_MS = 120000

--- Renders a view and keeps it as a file. In jobs only. Raises when the tool is missing or fails: the job is tried again.
---@param title string file name without extension
---@param name string view below views/, with the layout print
---@param data table what the view takes; `title` of the document is set when it has none
---@return table stored row of file_object
function pdf.make(title, name, data)
  data.pdf, data.title = true, data.title or title
  local path = files.temp("document.pdf")
  local result, err = process.run({
    argv = { "weasyprint", "--encoding", "utf-8", "--pdf-variant", "pdf/ua-1", "-", path },
    input = view.string(name, data, context.get()), timeout_ms = TIMEOUT_MS, max_bytes = 1 << 20,
  })
  if not result then error("weasyprint: " .. err.text, 0) end
  if result.status ~= 0 then
    log.error("weasyprint failed", { status = result.status, errors = result.errors:sub(1, 2000) })
    error("weasyprint ended with " .. result.status, 0)
  end
  return file.keep(title .. ".pdf", "application/pdf", path)
end

return pdf
