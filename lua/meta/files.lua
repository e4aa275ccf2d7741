---@meta core.files
--- Bytes of uploads by content: files/ab/<sha256> of the data directory, and its tmp/.
local files = {}

--- Moves a temporary file to its place (fsync, rename). Yields.
---@param path string
---@return {sha256: string, size: integer}?
---@return core.Error? err "unavailable" when the disk is full
function files.store(path) end

---@param sha256 string
---@return string path
function files.path(sha256) end

--- Yields. Fine when there is no such file.
---@param sha256 string
---@return true?
---@return core.Error? err
function files.remove(sha256) end

--- Yields.
---@param path string in tmp/ or files/
---@param max integer? bytes, 16 MiB by default
---@return string? bytes
---@return core.Error? err
function files.read(path, max) end

--- The beginning of a file of any size. Yields.
---@param path string in tmp/ or files/
---@param count integer at most so many bytes
---@return string? bytes
---@return core.Error? err
function files.head(path, count) end

--- Yields.
---@param path string in tmp/ or files/
---@param bytes string
---@return true?
---@return core.Error? err
function files.write(path, bytes) end

--- A path in tmp/ that nobody uses; nothing is created.
---@param name string? kept as its end
---@return string path
function files.temp(name) end

return files
