-- expect: result
return { [{}] = 1 }
