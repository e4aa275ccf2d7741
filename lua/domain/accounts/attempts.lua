--- Counted attempts: how long somebody who guesses has to wait. Each key has so many tries free; after them every
--- failure doubles the pause. An attempt is written before it is judged, so a burst of parallel ones gains nothing; a
--- refused one is taken back, so impatience does not lengthen the wait.
local db = require("core.db")
local errors = require("kit.errors")
local store = require("domain.accounts.store")
local attempts = {}

local FIRST_PAUSE_S, LONGEST_PAUSE_S = 15, 900

--- The pause after so many failures beyond the free ones.
---@param beyond integer 0 for the first
---@return integer seconds
function attempts.pause(beyond)
  return math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S << math.min(beyond, 10))
end

local Attempt = {}
Attempt.__index = Attempt

--- It was right after all: the failures under the keys that belong to the account are forgotten, this try everywhere.
function Attempt:forget()
  local keys = {}
  for _, limit in ipairs(self.limits) do
    if limit.is_own then keys[#keys + 1] = limit.key end
  end
  store.forget_attempts(db.array(keys), db.array(self.ids))
end

local function words(seconds)
  if seconds < 60 then return ("%d с"):format(seconds) end
  return ("%d мин"):format(math.ceil(seconds / 60))
end

--- The refusal that tells when to come again.
---@param seconds integer
---@return kit.Error
function attempts.too_many(seconds)
  return errors.limit(seconds, ("Слишком много попыток. Повторите через %s."):format(words(seconds)))
end

-- Seconds to wait under one limit, or nil.
local function wait_of(limit, count)
  if not count or count.n < limit.free then return nil end
  if limit.is_hard then return math.max(count.free_in_s, 1) end
  local left = attempts.pause(count.n - limit.free) - count.quiet_s
  return left > 0 and left or nil
end

--- Notes an attempt.
---@param limits table `minutes` and a list of {key, free, is_own, is_hard, only_counts, tight_when, tight_free}. is_own:
---  forgotten when it was right · is_hard: nothing beyond the free ones until they leave the window · only_counts: refuses
---  nobody · tight_free: so few are free while the limit tight_when is used up
---@return table? attempt with forget()
---@return kit.Error? err 429
function attempts.note(limits)
  local keys = {}
  for index, limit in ipairs(limits) do keys[index] = limit.key end
  local attempt = setmetatable({ limits = limits, ids = {} }, Attempt)
  for index, row in ipairs(store.note_attempts(db.array(keys))) do attempt.ids[index] = row.id end
  local counts = {}
  for _, row in ipairs(store.count_attempts(db.array(keys), limits.minutes, db.array(attempt.ids))) do counts[row.key] = row end
  local wait
  for _, limit in ipairs(limits) do
    local seconds = not limit.only_counts and wait_of(attempts.tightened(limit, counts), counts[limit.key])
    if seconds then wait = math.max(wait or 0, seconds) end
  end
  if not wait then return attempt end
  store.forget_attempts(db.array({}), db.array(attempt.ids))
  return nil, attempts.too_many(wait)
end

--- A limit with `tight_free`: so few tries are free while the key `tight_when` is over its own limit.
function attempts.tightened(limit, counts)
  local other = limit.tight_when and counts[limit.tight_when.key]
  if not other or other.n < limit.tight_when.free then return limit end
  return { key = limit.key, free = limit.tight_free }
end

return attempts
