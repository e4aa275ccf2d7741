-- expect: runtime
print = nil
