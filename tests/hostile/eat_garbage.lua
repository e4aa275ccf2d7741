-- expect: time
while true do local t = { ('x'):rep(100000) } end
