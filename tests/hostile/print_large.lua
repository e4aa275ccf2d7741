-- expect: output
print(('x'):rep(5000000))
