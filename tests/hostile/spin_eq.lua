-- expect: time
local m = { __eq = function() while true do end end } local a, b = setmetatable({}, m), setmetatable({}, m) while true do pcall(function() return a == b end) end
