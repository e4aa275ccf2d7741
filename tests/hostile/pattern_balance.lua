-- expect: time
return ('('):rep(100000):find('%b()')
