--- Pages of rules.
local all = {}
for _, name in ipairs({ "list", "flow", "code", "versions", "layers", "runs", "cases" }) do
  for _, route in ipairs(require("domain.rules.pages_" .. name)) do all[#all + 1] = route end
end
return all
