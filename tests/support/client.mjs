// A client of the server under test: cookies, log-in by form or by token, CSRF.
export class Client {
  constructor(url, login) {
    this.url = url;
    this.login = login; // { email, password } or undefined for a guest
    this.cookies = new Map();
    this.token = null;
    this.csrf = null;
    this.entered = false;
  }

  cookieHeader() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  keepCookies(response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (value === "" || /max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  async raw(method, path, { headers = {}, body } = {}) {
    const all = { ...headers };
    if (this.cookies.size > 0 && !all.authorization) all.cookie = this.cookieHeader();
    const response = await fetch(this.url + path, { method, headers: all, body, redirect: "manual" });
    this.keepCookies(response);
    const text = await response.text();
    const found = /name="csrf-token" content="([^"]*)"/.exec(text) ?? /name="_csrf" value="([^"]*)"/.exec(text);
    if (found) this.csrf = found[1];
    return { status: response.status, headers: response.headers, text };
  }

  // Logs in by the page, as a person does.
  async enter() {
    if (!this.login || this.entered) return;
    this.entered = true;
    await this.raw("GET", "/login");
    const body = new URLSearchParams({ _csrf: this.csrf ?? "", email: this.login.email, password: this.login.password });
    const answer = await this.raw("POST", "/login", { headers: { "content-type": "application/x-www-form-urlencoded" }, body });
    if (answer.status !== 303) throw new Error(`log-in of ${this.login.email}: ${answer.status} ${answer.text.slice(0, 300)}`);
    await this.raw("GET", "/cabinet/");
  }

  async bearer() {
    if (!this.login || this.token) return;
    const answer = await this.raw("POST", "/api/v1/auth/token", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: this.login.email, password: this.login.password }),
    });
    if (answer.status !== 200) throw new Error(`token of ${this.login.email}: ${answer.status} ${answer.text.slice(0, 300)}`);
    this.token = JSON.parse(answer.text).access_token;
  }

  // JSON API with a bearer token.
  async api(method, path, json, headers = {}) {
    await this.bearer();
    const all = { ...headers };
    if (this.token) all.authorization = `Bearer ${this.token}`;
    if (json !== undefined) all["content-type"] ??= "application/json";
    const answer = await this.raw(method, path, { headers: all, body: json === undefined ? undefined : typeof json === "string" ? json : JSON.stringify(json) });
    try { answer.json = JSON.parse(answer.text); } catch { answer.json = undefined; }
    return answer;
  }

  // A page, or a form when `form` is given (the CSRF token is added).
  async page(method, path, form, headers = {}) {
    await this.enter();
    if (form === undefined) return this.raw(method, path, { headers });
    const body = new URLSearchParams(form);
    if (!body.has("_csrf")) body.set("_csrf", this.csrf ?? "");
    return this.raw(method, path, { headers: { "content-type": "application/x-www-form-urlencoded", ...headers }, body });
  }
}
