-- expect: memory time runtime depth
local function f(...) return f(1, ...) end f()
