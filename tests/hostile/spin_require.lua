-- expect: runtime
return require('os')
