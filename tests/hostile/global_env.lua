-- expect: runtime
_ENV.print = 1
