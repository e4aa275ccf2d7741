-- expect: time
while true do tonumber(('1'):rep(1000), 36) end
