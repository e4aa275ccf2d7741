// Gates of performance.md, sections 0 and 9, for what the peers of this bench cover.
const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

// rounds: Map "handler/system" -> [{serverUs, pgUs, perSecond, bad, broken}]
function figures(rounds, key) {
  const all = rounds.get(key);
  if (!all) return null;
  return {
    server: mean(all.map((r) => r.serverUs)), pg: mean(all.map((r) => r.pgUs)),
    perSecond: mean(all.map((r) => r.perSecond)),
    get both() { return this.server + this.pg; },
  };
}

const RATIOS = [ // name, what of ours, of whom, over what of theirs, at most
  ["plaintext CPU / nginx static200 CPU", "plaintext/copp", "server", "static200/nginx", "server", 1.25],
  ["json CPU / nginx+Lua CPU", "json/copp", "server", "json/nginx", "server", 1.1],
  ["row server+PG CPU / fastify", "row/copp", "both", "row/fastify", "both", 0.4],
  ["list server+PG CPU / fastify", "list/copp", "both", "list/fastify", "both", 0.32],
  ["page server+PG CPU / fastify", "page/copp", "both", "page/fastify", "both", 0.4],
  ["row PG CPU / pgbench c=8", "row/copp", "pg", "row/pgbench", "pg", 0.8],
];
const SHARES = [["row", 0.6], ["list", 0.45], ["page", 0.4]];

export function judge(rounds, rss, storm) {
  const gates = [];
  const add = (name, value, unit, gate, ok) => gates.push({ name, value: Number(value.toFixed(3)), unit, gate, ok });
  for (const [name, ours, what, theirs, over, most] of RATIOS) {
    const [a, b] = [figures(rounds, ours), figures(rounds, theirs)];
    if (a && b) add(name, a[what] / b[over], "ratio", `<= ${most}`, a[what] / b[over] <= most);
  }
  for (const [handler, least] of SHARES) {
    const [a, b] = [figures(rounds, `${handler}/copp`), figures(rounds, `${handler}/pgbench`)];
    if (a && b) add(`${handler} share of pgbench tps`, a.perSecond / b.perSecond, "ratio", `>= ${least}`, a.perSecond / b.perSecond >= least);
  }
  if (rss.copp && rss.fastify) add("RSS / fastify", rss.copp / rss.fastify, "ratio", "<= 0.25", rss.copp / rss.fastify <= 0.25);
  if (storm) add("errors at 1024 connections, page", storm.bad + storm.broken, "answers", "= 0", storm.bad + storm.broken === 0);
  const wrong = [...rounds].filter(([key]) => key.endsWith("/copp")).flatMap(([, all]) => all).reduce((sum, r) => sum + r.bad + r.broken, 0);
  if ([...rounds.keys()].some((key) => key.endsWith("/copp"))) add("errors under load", wrong, "answers", "= 0", wrong === 0);
  return gates;
}

export function table(rounds, out) {
  const pad = (text, width) => String(text).padEnd(width);
  const both = (all, of) => all.map(of).join(", ");
  out(`${pad("handler", 10)} ${pad("system", 8)} ${pad("req/s", 16)} ${pad("p50 ms", 12)} ${pad("p99 ms", 14)} ${pad("server µs", 14)} ${pad("PG µs", 14)} sum`);
  for (const [key, all] of rounds) {
    const [handler, system] = key.split("/");
    const f = figures(rounds, key);
    out(`${pad(handler, 10)} ${pad(system, 8)} ${pad(both(all, (r) => Math.round(r.perSecond)), 16)} ` +
      `${pad(both(all, (r) => r.p50_ms ?? "–"), 12)} ${pad(both(all, (r) => r.p99_ms ?? "–"), 14)} ` +
      `${pad(both(all, (r) => r.serverUs.toFixed(1)), 14)} ${pad(both(all, (r) => r.pgUs.toFixed(1)), 14)} ${f.both.toFixed(1)}`);
  }
}
