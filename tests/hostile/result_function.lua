-- expect: result
return print
