-- expect: json
return { tostring(tonumber('0x')), tostring(tonumber('1e')), tonumber('1e400') == math.huge, tonumber(('9'):rep(1000)) == math.huge }
