-- expect: runtime
return ('a'):find(('('):rep(33) .. 'a' .. (')'):rep(33))
