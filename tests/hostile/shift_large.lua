-- expect: json
return 1 << 200
