-- expect: json runtime
return ('a'):find(('a'):rep(100000))
