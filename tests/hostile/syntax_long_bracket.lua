-- expect: syntax
return [==[ never closed
