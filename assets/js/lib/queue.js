// Journal cells on their way to the server. The newest value of a cell wins; while there is no connection they wait in
// localStorage and are sent when it is back, after a reload too. Cells are sent one after the other.
import { sendJson } from "./dom.js";

const RETRY_MS = 15_000;

export class Queue {
  /** key: name in localStorage; on(event, cell, body): "sent" | "conflict" | "refused" | "change". */
  constructor(key, on) {
    this.key = key;
    this.on = on;
    this.cells = new Map(Object.entries(this.read()));
    this.isBusy = false;
    this.isOffline = false;
    window.addEventListener("online", () => this.send());
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key)) ?? {};
    } catch {
      return {};
    }
  }

  keep() {
    try {
      if (this.cells.size === 0) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, JSON.stringify(Object.fromEntries(this.cells)));
    } catch { /* storage is full or forbidden: the page still holds the cells */ }
  }

  put(id, cell) {
    this.cells.delete(id);
    this.cells.set(id, cell);
    this.keep();
    this.on("change");
  }

  get size() {
    return this.cells.size;
  }

  async send() {
    if (this.isBusy) return;
    this.isBusy = true;
    clearTimeout(this.timer);
    while (this.cells.size > 0) {
      const [id, cell] = this.cells.entries().next().value;
      let answer;
      try {
        answer = await sendJson(cell.url, "PUT", cell.body);
      } catch {
        answer = { status: 0 };
      }
      this.isOffline = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (this.isOffline) break;
      this.settle(id, cell, answer);
    }
    this.isBusy = false;
    if (this.isOffline) this.timer = setTimeout(() => this.send(), RETRY_MS);
    this.on("change");
  }

  settle(id, cell, { status, body }) {
    const newest = this.cells.get(id);
    if (newest === cell) this.cells.delete(id);
    else if (newest && body?.version != null) newest.body.version = body.version; // typed over while it was on its way
    this.keep();
    if (status >= 200 && status < 300) this.on("sent", cell, body);
    else if (status === 409 && body?.current) this.on("conflict", cell, body);
    else this.on("refused", cell, body);
  }
}
