--- The demo region: a made-up region with the people, groups and lessons of the stories, and its growth to any size.
local accounts = require("domain.demo.accounts")
local clock = require("core.clock")
local dates = require("domain.demo.dates")
local derive = require("domain.demo.store_derive")
local files = require("core.files")
local refs = require("domain.refs")
local settings = require("core.settings")
local signin = require("domain.signin")
local store = require("domain.demo.store")
local transaction = require("kit.transaction")
local tree = require("core.tree")
local demo = {}

-- The generators are needed once in the life of a platform: no worker loads them at its start.
local function region() return require("domain.demo.region") end
local function scale() return require("domain.demo.scale") end

local SAMPLES = { "passport", "diploma", "other" }
local SAMPLE_PATH = "data/demo/files/%s.pdf"

local function silent() end

-- Today and now in the region; a later start keeps the Monday of the first one.
local function moment(known)
  local now = clock.local_time(clock.now())
  local today = dates.parse(known and known.today or now)
  return { today = today, minute = known and 0 or dates.minute(now:sub(12)),
    anchor = known and dates.parse(known.monday) or dates.monday(today) }
end

-- Specimens that stand for scans: the same bytes whoever «sent» them.
local function store_samples()
  local samples = {}
  for _, name in ipairs(SAMPLES) do
    local bytes = store.must(tree.read(SAMPLE_PATH:format(name)))
    local path = files.temp("demo-" .. name .. ".pdf")
    store.must(files.write(path, bytes))
    samples[name] = store.must(files.store(path))
  end
  return samples
end

local function load_region(at, progress)
  local samples = store_samples()
  store.must(transaction.run(function()
    store.prepare(settings.region.zone)
    store.lock()
    store.silence_triggers()
    region().fill(at, samples, progress)
    require("domain.demo.site").fill(at.anchor)
    store.restore_triggers()
    require("domain.demo.store_resources").fill(at.anchor)
    store.save_anchor(dates.text(at.anchor), dates.text(at.today), 0)
    return true
  end))
  derive.analyze(region().TABLES)
end

--- Loads what is missing: reference books, the region of about 300 learners, then the growth up to `scale`.
--- What is there stays: a second call does nothing.
---@param options table {scale = integer?, progress = function(done, total, text)?}
---@return table result {loaded, grown, scale, logins_written, logins_path}
function demo.load(options)
  local wanted, progress = options.scale or 0, options.progress or silent
  refs.load()
  local known = store.anchor()
  local result = { loaded = not known, grown = 0, scale = math.max(wanted, known and known.scale or 0) }
  if not known then load_region(moment(nil), progress) end
  if not known then signin.prepare_demo() end
  result.logins_written, result.logins_path = accounts.ensure(), accounts.path()
  known = store.anchor()
  if wanted > known.scale then
    scale().grow(moment(known), known.scale, wanted, progress)
    result.grown = wanted - known.scale
  end
  return result
end

--- True before anything has been entered: a first start may load the demo.
function demo.is_welcome() return store.anchor() == nil and store.is_empty() end

return demo
