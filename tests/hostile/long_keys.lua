-- expect: time memory
local t, s = {}, ('x'):rep(1000000) while true do t[s .. #s] = 1 s = s .. 'x' end
