-- expect: time
return ('a'):rep(3000):match('(.-)(.-)(.-)%3%2b')
