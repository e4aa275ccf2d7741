-- expect: memory time
local s, t = ('x'):rep(100000), {} for i = 1, 10000 do t[i] = s end return #table.concat(t)
