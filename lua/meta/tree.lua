---@meta core.tree
--- Files of the installed tree. Layers are kit.lookup's affair.
local tree = {}

---@param dir string
---@return string[] names sorted; directories end in "/"; empty when there is no such directory
function tree.list(dir) end

---@param path string
---@return string? bytes
---@return core.Error? err "not_found", "io"
function tree.read(path) end

---@param name string "app.css"
---@return string? address with the content hash
function tree.asset(name) end

return tree
