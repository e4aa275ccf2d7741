--- Remembers which tables came from a JSON body: kit.form checks their types strictly, since there "1" is not 1.
local strict = {}
local marked = setmetatable({}, { __mode = "k" })

---@generic T: table
---@param body T
---@return T
function strict.mark(body)
  marked[body] = true
  return body
end

---@return boolean
function strict.is_marked(body)
  return marked[body] == true
end

return strict
