-- expect: depth runtime
local function f() table.sort({ 2, 1 }, f) return false end f()
