-- expect: runtime
setmetatable({}, { __len = function() return 1 << 62 end })
