-- expect: time
for _ in ipairs(setmetatable({}, { __index = type })) do end
