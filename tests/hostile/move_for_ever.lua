-- expect: time
table.move({}, 1, 1 << 62, 2)
