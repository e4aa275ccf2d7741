-- expect: runtime
setmetatable({}, { __metatable = 1 })
