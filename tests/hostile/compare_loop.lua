-- expect: time
local a, b = ('x'):rep(5000000), ('x'):rep(5000000) .. 'y' while true do local c = a < b end
