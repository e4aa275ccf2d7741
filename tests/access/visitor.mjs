// Somebody who asks for one route after another: by token for /api/, by cookie for pages. Bodies of answers that stay open are not read.
import { Client } from "../support/client.mjs";

const DUMMY_ID = "999999999";
const DUMMY_UUID = "00000000-0000-4000-8000-000000000000";

// A path whose {parts} name nothing that exists.
export function dummy(path) {
  return path.replace(/\{(\w+)\}/g, (_, name) => (/^(id|duplicate)$/.test(name) && /applications|orders|users|files/.test(path) ? DUMMY_UUID : DUMMY_ID));
}

export class Visitor {
  constructor(name, url, login) {
    Object.assign(this, { name, url, login, client: new Client(url, login) });
  }

  async enter() {
    if (!this.login) return;
    await this.client.enter();
    await this.client.raw("GET", "/programs"); // a page, for its token
    await this.client.bearer();
  }

  async again() {
    this.client = new Client(this.url, this.login);
    await this.enter();
  }

  headers(route, { token = true, more = {} } = {}) {
    const headers = { ...more };
    if (route.path.startsWith("/api/")) {
      headers["content-type"] = "application/json";
      if (this.client.token) headers.authorization = `Bearer ${this.client.token}`;
    } else {
      if (route.method !== "GET") headers["content-type"] = "application/x-www-form-urlencoded";
      if (this.client.cookies.size > 0) headers.cookie = this.client.cookieHeader();
      if (token && this.client.csrf) headers["x-csrf-token"] = this.client.csrf;
    }
    return headers;
  }

  // { status, text } — text only of refusals, which are short.
  async ask(route, options = {}) {
    const abort = new AbortController();
    const body = route.method === "GET" ? undefined : route.path.startsWith("/api/") ? (options.body ?? "{}") : (options.body ?? "");
    const send = () => fetch(this.url + (options.path ?? dummy(route.path)), {
      method: route.method, headers: this.headers(route, options), body, redirect: "manual", signal: abort.signal,
    });
    // A kept connection may be closed just as the next request leaves.
    const answer = await send().catch(send);
    const location = answer.headers.get("location") ?? "";
    const isStream = (answer.headers.get("content-type") ?? "").startsWith("text/event-stream");
    if (isStream) abort.abort();
    return { status: answer.status, text: isStream ? "" : await answer.text(), location };
  }

  // "in", "no" or "login".
  async knock(route) {
    let answer = await this.ask(route);
    if (route.access === "public" && answer.status === 303) return "in"; // GET /logout leads a guest to the log-in
    if (this.login && this.isLogin(answer)) { // a route before ended the session
      await this.again();
      answer = await this.ask(route);
    }
    if (this.isLogin(answer)) return "login";
    return answer.status === 403 ? "no" : "in";
  }

  isLogin(answer) {
    return answer.status === 401 || (answer.status === 303 && answer.location.startsWith("/login"));
  }
}
