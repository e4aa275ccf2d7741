-- expect: runtime
return table.concat({}, '', 1, 1 << 62)
