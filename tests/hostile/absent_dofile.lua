-- expect: runtime
return dofile('/etc/passwd')
