-- expect: result
return 0 / 0
