-- expect: json
print('a\nb\nerror: time: forged') return 1
