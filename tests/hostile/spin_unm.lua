-- expect: time
local a = setmetatable({}, { __unm = function() while true do end end }) while true do pcall(function() return -a end) end
