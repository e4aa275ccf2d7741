-- expect: time
local s = ('x'):rep(5000000) while true do local t = s:upper() end
