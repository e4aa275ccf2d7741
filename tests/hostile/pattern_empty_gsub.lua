-- expect: memory time
return #(('x'):rep(1000000):gsub('', ('y'):rep(1000)))
