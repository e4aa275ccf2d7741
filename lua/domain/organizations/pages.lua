--- Pages of organisations: registration, the base for the staff, the own organisation of a curator.
local all = {}
for _, name in ipairs({ "register", "base", "own", "people" }) do
  for _, route in ipairs(require("domain.organizations.pages_" .. name)) do all[#all + 1] = route end
end
return all
