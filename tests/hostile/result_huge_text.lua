-- expect: output
return ('x'):rep(3000000)
