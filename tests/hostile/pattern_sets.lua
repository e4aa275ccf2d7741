-- expect: time
return ('a'):rep(3000):find(('[a-z]-'):rep(20) .. 'b')
