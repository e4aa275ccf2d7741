-- expect: time
return ('a '):rep(20000):find('%f[a].-%f[a].-%f[a].-%f[a].-b')
