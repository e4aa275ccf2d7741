-- expect: memory time
local t = {} for i = 1, math.huge do t[i] = ('x'):rep(10000) .. i end
