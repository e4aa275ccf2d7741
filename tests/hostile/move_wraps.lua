-- expect: runtime
table.move({}, math.mininteger, math.maxinteger, 1)
