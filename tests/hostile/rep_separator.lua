-- expect: memory
return ('x'):rep(1 << 40, 'yy')
