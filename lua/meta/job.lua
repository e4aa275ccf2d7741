---@meta core.job
--- The job that runs this task.
local job = {}

--- Nothing happens outside of a job.
---@param done integer
---@param total integer
---@param text string?
function job.progress(done, total, text) end

---@return boolean somebody cancelled it, or the worker shuts down: end soon
function job.is_stopping() end

return job
