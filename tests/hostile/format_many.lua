-- expect: time
while true do string.format(('%99.99f'):rep(3), 1, 1e300, -1e-300) end
