// What is asked, and whether the answers are right. These paths and shapes are what /dev/bench/ of
// the product serves with COPP_DEV=1:
//
//   plaintext           "Hello, World!"
//   json?n=17           {"id":17,"title":"Программа 17","hours":72,"is_open":true,"tags":["a","b","c"]}
//   row?id=17           the object of sql/row.sql
//   list?after=17       {"items":[20 objects of sql/list.sql]}
//   page?after=17       HTML in a real layout, with the session of the cookie, a CSRF token and a
//                       table of the same 20 items (code, title, organization, kind, hours, price,
//                       start, places, state); a guest is sent away
import { random } from "./wrk.mjs";

const COUNT = 2000;
const USERS = 500;
const ROWS = 100000;

export function requestsOf(handler) {
  const draw = random(20261123);
  const id = () => 1 + draw(ROWS - 100);
  const make = {
    static200: () => "/static200",
    plaintext: () => "/dev/bench/plaintext",
    json: () => `/dev/bench/json?n=${id()}`,
    row: () => `/dev/bench/row?id=${id()}`,
    list: () => `/dev/bench/list?after=${id()}`,
    page: () => `/dev/bench/page?after=${id()} copp=bench-token-${1 + draw(USERS)}`,
  }[handler];
  return Array.from({ length: COUNT }, make);
}

export async function ask(system, line) {
  const [target, cookie] = line.split(" ");
  const response = await fetch(system.url + target, { headers: cookie ? { cookie } : {}, redirect: "manual" });
  return { status: response.status, text: await response.text() };
}

// bigint and numeric are numbers for one and texts for the other: the content counts.
const flat = (value) => JSON.stringify(value, (key, v) => (typeof v === "number" ? String(v) : v));
const byKey = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const titles = (html) => [...html.matchAll(/&lt;(\d+)(?:&gt;|>)/g)].map((m) => m[1]);

const same = {
  plaintext: (a, b) => a === b,
  json: (a, b) => flat(byKey(JSON.parse(a))) === flat(byKey(JSON.parse(b))),
  // A timestamp's text depends on the session's zone; the rest is the same for all.
  row: (a, b) => flat({ ...byKey(JSON.parse(a)), updated_at: 0 }) === flat({ ...byKey(JSON.parse(b)), updated_at: 0 }),
  list: (a, b) => {
    const [x, y] = [JSON.parse(a).items, JSON.parse(b).items];
    return x.length === 20 && x.every((item, i) => same.row(JSON.stringify(item), JSON.stringify(y[i])));
  },
  page: (a, b) => {
    const [x, y] = [titles(a), titles(b)];
    return x.length >= 20 && x.join() === y.join() && /Сидорова/.test(a) && /Сидорова/.test(b) &&
      Math.abs(a.length - b.length) < 0.1 * a.length;
  },
};

// Throws when two systems answer differently.
export async function compare(handler, one, other) {
  for (const line of requestsOf(handler).slice(0, 5)) {
    const [a, b] = [await ask(one, line), await ask(other, line)];
    if (a.status !== 200 || b.status !== 200 || !same[handler](a.text, b.text)) {
      throw new Error(`${handler}: ${one.name} and ${other.name} answer differently to ${line}:\n` +
        `${a.status} ${a.text.slice(0, 600)}\n${b.status} ${b.text.slice(0, 600)}`);
    }
  }
}
