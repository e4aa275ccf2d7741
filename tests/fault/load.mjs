// Clients that ask again and again, each over a connection of its own, and what became of their requests.
import http from "node:http";

export class Load {
  constructor(url, path, { clients = 16, keepAlive = true, timeout = 10000 } = {}) {
    Object.assign(this, { url, path, keepAlive, timeout });
    this.answers = []; // {at, took, status}
    this.failures = []; // {at, took, code}
    this.running = true;
    this.clients = Array.from({ length: clients }, () => this.client());
  }

  ask(agent) {
    const began = performance.now();
    return new Promise((resolve) => {
      const done = (outcome) => resolve({ at: performance.now(), took: performance.now() - began, ...outcome });
      const request = http.get(this.url + this.path, { agent, timeout: this.timeout }, (response) => {
        response.resume();
        response.on("end", () => done({ status: response.statusCode }));
        response.on("error", (error) => done({ code: error.code ?? error.message }));
      });
      request.on("timeout", () => request.destroy(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })));
      request.on("error", (error) => done({ code: error.code ?? error.message }));
    });
  }

  async client() {
    const agent = new http.Agent({ keepAlive: this.keepAlive, maxSockets: 1 });
    while (this.running) {
      const outcome = await this.ask(agent);
      (outcome.status ? this.answers : this.failures).push(outcome);
      // A refused connection fails at once: do not spin.
      if (!outcome.status) await new Promise((resolve) => setImmediate(resolve));
    }
    agent.destroy();
  }

  async stop() {
    this.running = false;
    await Promise.all(this.clients);
    return this;
  }

  count(status) { return this.answers.filter((a) => a.status === status).length; }
  statuses() { return [...new Set(this.answers.map((a) => a.status))].sort(); }
  codes() { return [...new Set(this.failures.map((f) => f.code))].sort(); }

  // The longest time in [from, to] in which nobody got an answer of 200.
  gap(from, to) {
    const times = this.answers.filter((a) => a.status === 200 && a.at >= from && a.at <= to).map((a) => a.at).sort((a, b) => a - b);
    let worst = 0, last = from;
    for (const at of [...times, to]) {
      worst = Math.max(worst, at - last);
      last = at;
    }
    return worst;
  }
}
