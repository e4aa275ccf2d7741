-- expect: output
local t = {} for i = 1, 400000 do t[i] = i end return t
