-- expect: runtime
for _ in utf8.codes('\xff\xfe') do end
