-- expect: memory time runtime depth
local function f(...) local t = { ... } return f(1, table.unpack(t)) end f()
