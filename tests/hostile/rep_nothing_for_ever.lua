-- expect: json
return (''):rep(1 << 62)
