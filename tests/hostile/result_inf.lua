-- expect: result
return { 1 / 0 }
