-- expect: runtime
return setmetatable({}, { __concat = function() return 'x' end }) .. 'x'
