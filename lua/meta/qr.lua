---@meta core.qr
local qr = {}

--- The squares of a QR code, without the quiet zone around it.
---@param text string 1 to 1000 bytes
---@return integer? side
---@return string|core.Error squares row after row: "1" dark, "0" light
function qr.squares(text) end

return qr
