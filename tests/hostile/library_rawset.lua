-- expect: runtime
rawset(string, 'rep', nil)
