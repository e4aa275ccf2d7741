-- expect: time
local t = setmetatable({}, { __index = function() while true do end end }) while true do pcall(string.gsub, 'a', 'a', t) end
