---@meta core.rules
--- Rule packs: chunks of text in a sandboxed state of their own, with limits that nothing in them can swallow. What a rule may use:
--- docs/rules.md. A state that hit a limit is thrown away and made anew at the next call. Calls run in place: microseconds, at most `ms`.
local rules = {}

---@class core.RulesError
---@field kind "syntax"|"runtime"|"time"|"memory"|"output"|"depth"|"result"|"crash"
---@field text string English, without the place
---@field chunk string? "rules/guards/application.lua"
---@field line integer?
---@field traceback string[] "chunk:line", innermost first

---@class core.RulesRecord where the verdict was given, and what it cost
---@field chunk string? of the `return`; nil when the function ended without one
---@field line integer?
---@field us integer

---@class core.RulesPack
local pack = {}

--- Compiles and runs all chunks. A chunk is a module by its name without .lua and with dots; require sees only chunks of the pack.
---@param options {name: string, chunks: {name: string, text: string}[], ms: integer?, load_ms: integer?, memory: integer?, depth: integer?, output: integer?}
---@return core.RulesPack? pack
---@return core.RulesError? err
function rules.load(options) end

--- Asks many recorded decisions again, in the thread pool. The pack is made for this call alone. module.path(role, expected, inputs) gets
--- inputs read from JSON, and returns nil where nothing has changed, or a text. Yields.
---@param options {name: string, chunks: {name: string, text: string}[], module: string, path: string, cases: string[], ms: integer?, memory: integer?}
---   cases: role, expected and inputs (JSON) of each case, flat
---@return table<integer, string>? results by case: only those that say something; "!kind: text" of one that failed
---@return core.Error? err
function rules.replay(options) end

--- Did the pack bring a process down (crash, or a stall that the master ended) twice? Then load and call refuse it, kind "crash".
---@param name string of the pack, with the hash of its content
---@return boolean is_quarantined
---@return integer strikes
function rules.quarantined(name) end

---@return {pack: string, where: string, strikes: integer, at: number}[] all packs that brought a process down
function rules.struck() end

--- Lifts the quarantine.
---@param name string
---@return boolean was_struck
function rules.pardon(name) end

--- Calls a function of a module's export with a copy of one value.
---@param module string "rules.guards.application"
---@param path string "age_suits", "a.b"
---@param value any nil, boolean, number, text, tables of them
---@return table? results {n =, …}, copied
---@return core.RulesRecord|core.RulesError record_or_err
function pack:call(module, path, value) end

--- The same for each value of a list, in one crossing.
---@param module string
---@param path string
---@param list any[]
---@return table[] results each {n =, …, chunk =, line =} or {error = core.RulesError}
function pack:map(module, path, list) end

--- What a chunk returned, copied; functions in it are the text "function".
---@param module string
---@return any value
---@return core.RulesError? err
function pack:value(module) end

--- Counts lines from now on (from zero), or not any more. Slower.
---@param is_on boolean
function pack:coverage(is_on) end

---@return table<string, table<integer, integer>> lines by chunk: how often each line ran; 0: it could have
function pack:lines() end

--- Frees the state now. Calls raise afterwards.
function pack:close() end

return rules
