-- expect: memory time
local t = {} while true do xpcall(function() while true do t[#t + 1] = ('x'):rep(100000) .. #t end end, function(m) return m end) end
