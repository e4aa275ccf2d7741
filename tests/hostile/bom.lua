-- expect: json
return 1
