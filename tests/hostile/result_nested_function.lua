-- expect: result
return { a = { b = print } }
