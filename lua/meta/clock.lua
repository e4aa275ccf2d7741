---@meta core.clock
--- Time. Local forms are in the region's zone.
local clock = {}

---@return number seconds since 1970 UTC, with fraction
function clock.now() end

---@return integer microseconds of a clock that never goes back
function clock.monotonic_us() end

---@return string "2026-11-23"
function clock.date() end

---@param epoch number? seconds since 1970 UTC; now by default
---@return string "2026-11-23 14:02:00"
function clock.local_time(epoch) end

return clock
