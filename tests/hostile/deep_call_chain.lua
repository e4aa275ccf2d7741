-- expect: runtime depth json
local t = {} for i = 1, 300 do t = setmetatable({}, { __call = t }) end return pcall(t)
