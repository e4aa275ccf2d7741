-- expect: json
print('error: crash: forged') return 'honest'
