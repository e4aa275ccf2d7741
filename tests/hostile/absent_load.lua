-- expect: runtime
return load('return 1')()
