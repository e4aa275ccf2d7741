-- expect: runtime
return io.open('/etc/passwd')
