---@meta core.console
--- Standard output of `copp <command>`; raises elsewhere.
local console = {}

---@param text string
function console.write(text) end

---@return boolean somebody is looking, so a progress bar makes sense
function console.is_terminal() end

return console
