-- expect: time
local t = setmetatable({}, { __tostring = function() while true do end end }) pcall(print, t) while true do end
