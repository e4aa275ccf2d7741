-- expect: runtime
setmetatable('', {})
