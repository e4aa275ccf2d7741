-- expect: time
local t = setmetatable({}, { __tostring = function() while true do end end }) pcall(string.format, '%s', t) while true do end
