-- expect: json
local n = 0 for _ in utf8.codes(('ж'):rep(1000)) do n = n + 1 end return n
