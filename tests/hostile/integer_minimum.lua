-- expect: json
return math.mininteger // -1
