-- expect: time
while true do local t = { table.unpack({}, 1, 100000) } end
