-- expect: memory time
local t = {} for i = 1, math.huge do t[i * 1000] = i end
