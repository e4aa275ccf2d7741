-- expect: runtime memory
return utf8.codepoint(('ж'):rep(2000000), 1, -1)
