-- expect: runtime
local m = {} local t = setmetatable({}, m) m.__concat = function(a, b) local function f(n) if n > 0 then return f(n - 1), 1 end end f(150) return 'x' end return coroutine.wrap(function() return t .. 'x' .. t end)()
