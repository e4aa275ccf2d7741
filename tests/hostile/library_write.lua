-- expect: runtime
string.rep = nil
