-- expect: runtime
table.insert(string, 1)
