-- expect: runtime
table.remove(math)
