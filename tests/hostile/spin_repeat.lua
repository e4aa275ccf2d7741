-- expect: time
repeat until false
