-- expect: time
while true do string.char(table.unpack({ 65, 66 })) end
