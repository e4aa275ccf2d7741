-- expect: json
for _, f in pairs(string) do if type(f) == 'table' then return 'a real table' end end return 'fine'
