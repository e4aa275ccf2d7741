-- expect: json
local t = { 5, 4, 3, 2, 1 } table.sort(t, function(a, b) t[#t] = nil return a < b end) return t
