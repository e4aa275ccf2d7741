--- Pages of the reference books.
local all = {}
for _, name in ipairs({ "books", "items", "files", "calendar" }) do
  for _, route in ipairs(require("domain.refs.pages_" .. name)) do all[#all + 1] = route end
end
return all
