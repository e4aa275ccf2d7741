-- expect: runtime
return table.concat(setmetatable({}, { __index = table.concat }), '', 1, 1 << 62)
