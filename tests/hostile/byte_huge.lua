-- expect: runtime memory
return string.byte(('x'):rep(5000000), 1, -1)
