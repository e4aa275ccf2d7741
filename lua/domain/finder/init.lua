--- The search of the cabinets: its field stands in every page of a cabinet.
local finder = {}

finder.page_data = { { layout = "cabinet", fn = function(request, data)
  if not request.user.is_guest then data.search = { href = "/cabinet/search", placeholder = "Программы, люди, заявки, разделы" } end
end } }

return finder
