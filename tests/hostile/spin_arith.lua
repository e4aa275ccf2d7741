-- expect: time
local a = setmetatable({}, { __add = function() while true do end end }) while true do pcall(function() return a + 1 end) end
