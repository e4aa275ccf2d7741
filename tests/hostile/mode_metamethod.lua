-- expect: runtime
setmetatable({}, { __mode = 'k' })
