-- expect: depth memory time
local function f(t) return { f(t) } end return f({})
