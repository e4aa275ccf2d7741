---@meta core.schedule
--- The engine of this node: who is busy when, in memory, kept equal to PostgreSQL.
local schedule = {}

--- Asks the engine; the languages of question and answer stand at the top of core/app/engine_answer.c. Yields.
---@param question string JSON, one line
---@param timeout_ms integer 1 to 10000
---@return string? answer JSON; {"error":…} when PostgreSQL must be asked instead
---@return core.Error? err "unavailable", "timeout", "overloaded": the same
function schedule.ask(question, timeout_ms) end

return schedule
