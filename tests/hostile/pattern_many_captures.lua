-- expect: runtime
return ('a'):find(('()'):rep(40))
