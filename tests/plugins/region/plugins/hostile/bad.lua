local bad = {}
function bad.loop() while true do pcall(function() while true do end end) end end
function bad.memory() local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end end
function bad.throw() error("нарочно") end
function bad.sql(ctx) local _, err = ctx.db.rows("SELECT * FROM user_account") return { code = err.code } end
function bad.net(ctx) local _, err = ctx.http.fetch({ url = "http://127.0.0.1:5432/" }) return { code = err.code, text = err.text } end
function bad.out() return { text = ("x"):rep(2000000) } end
function bad.escape() return { os = os ~= nil, io = io ~= nil, load = load ~= nil, debug = debug ~= nil, package = package ~= nil } end
function bad.job(ctx) return { id = ctx.jobs.enqueue("net") } end
function bad.net_job(ctx)
  local answer, err = ctx.http.fetch({ url = "http://127.0.0.1:5432/" })
  ctx.log(answer and "reached " .. answer.status or err.code .. ": " .. err.text)
end
return bad
