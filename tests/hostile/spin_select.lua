-- expect: time
while true do pcall(select, -1, table.unpack({}, 1, 1000)) end
