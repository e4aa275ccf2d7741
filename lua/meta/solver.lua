---@meta core.solver
--- Plans of lessons, searched for in the thread pool of a job (core/schedule/term.h).
local solver = {}

--- What is wanted. Courses and rooms are numbered from 1; lectures course by course.
---@class core.Term
---@field days integer
---@field day_periods integer up to 16
---@field rooms {name: string, seats: integer, taken: string?}[] taken: a sign a period, "1" = somebody else is there
---@field courses {name: string, lectures: integer, min_days: integer?, learners: integer?, closed: string?, unfit: string?}[] a sign a period, a room
---@field lines {name: string, courses: integer[], day_limit: integer?, lonely: integer?, window: integer?}[] what is in one place at a time
---@field weights {seat: integer?, day: integer?, room: integer?, moved: integer?}
---@field was integer[]? period, room of each lecture in the plan that stands; 0: nowhere
---@field locked string? a sign a lecture, "1" = stays where it was

---@class core.SolverRun
local run = {}

--- Begins to search. Jobs and commands only; a task that dies meanwhile stops it.
---@param term core.Term
---@param options {seconds: number, seed: integer?, is_repair: boolean?}
---@return core.SolverRun? run
---@return core.Error? err
function solver.solve(term, options) end

--- Why there can be no plan: the smallest set of courses of one line (or one course) that need more periods than they may have.
---@param term core.Term
---@return {line: integer?, courses: integer[], needed: integer, open: integer}? blockers nil does not promise a plan
function solver.blockers(term) end

--- Waits until it is done, at most so long. Yields.
---@param timeout_ms integer 1 to 60000
---@return {moves: integer, hard: integer, soft: integer, is_done: boolean} state hard = -1: no draft yet
function run:wait(timeout_ms) end

--- Ends the search: the best so far stands within some milliseconds.
function run:stop() end

--- The best draft, when it is done.
---@return integer[] draft period, room of each lecture; 0: nowhere, no room
---@return {hard: integer, seats: integer, days: integer, shape: integer, rooms: integer, moved: integer} cost
function run:draft() end

return solver
