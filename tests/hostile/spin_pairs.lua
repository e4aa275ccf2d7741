-- expect: time
local t = setmetatable({}, { __pairs = function() while true do end end }) pcall(pairs, t) while true do end
