-- expect: time
return ('a'):rep(3000):match('%w*%w*%w*%w*%d')
