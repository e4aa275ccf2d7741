-- expect: time
for i = 1, 1 << 62 do local x = i end
