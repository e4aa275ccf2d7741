// Load by wrk: one thread, requests built beforehand, figures as JSON.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

// xorshift32: the same requests in every run.
export function random(seed) {
  let x = seed >>> 0;
  return (below) => {
    x ^= x << 13; x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5; x >>>= 0;
    return x % below;
  };
}

const SCRIPT = `
local requests, at = {}, 0
function init(args)
  for line in io.lines(args[1]) do
    local path, cookie = line:match("^(%S+) ?(%S*)$")
    requests[#requests + 1] = wrk.format("GET", path, cookie ~= "" and { Cookie = cookie } or {})
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"us":%d,"bad":%d,"broken":%d,"p50_ms":%.2f,"p99_ms":%.2f}\\n', summary.requests,
    summary.duration, e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000))
end
`;

// requests: "path[ cookie]" texts. Each connection starts the list anew, which does no harm.
export async function wrk(dir, port, requests, { seconds, connections = 64, signal }) {
  const script = path.join(dir, "load.lua");
  const list = path.join(dir, "requests.txt");
  writeFileSync(script, SCRIPT);
  writeFileSync(list, requests.join("\n") + "\n");
  const command = 'ulimit -n 8192; exec wrk -t1 -c"$1" -d"$2"s --timeout 10s -s "$3" "$4" -- "$5"';
  const { stdout } = await run("sh", ["-c", command, "wrk", connections, seconds, script, `http://127.0.0.1:${port}`, list], { signal });
  const result = /^RESULT (.*)$/m.exec(stdout);
  if (!result) throw new Error(`wrk said: ${stdout}`);
  const r = JSON.parse(result[1]);
  return { ...r, perSecond: r.requests / (r.us / 1e6) };
}
