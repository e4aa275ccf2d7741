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

--- The function that an earlier build made by keep() of the same, or nil. The key covers all that the text depends on.
---@param name string chunk name, "@views/x.html"
---@param key string
---@param env table
---@return function?
function tree.kept(name, key, env) end

--- Compiles a text. While loading the bytecode is kept for later builds.
---@param name string
---@param key string
---@param env table
---@param text string Lua
---@return function?
---@return string? message
function tree.keep(name, key, env, text) end

return tree
