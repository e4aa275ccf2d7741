// The panel beside the grid: the page «Перенести занятие» of a lesson, taken from the server as it is and kept in step.
import { csrfToken, el, icon } from "../lib/dom.js";

export class Panel {
  constructor(node, onDone) {
    this.node = node;
    this.hint = [...node.childNodes];
    this.onDone = onDone;
    node.addEventListener("submit", (event) => this.submit(event));
    node.addEventListener("click", (event) => {
      if (event.target.closest("[data-panel-close]")) this.close();
    });
    node.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.lessonId) this.close();
    });
  }

  close() {
    this.node.replaceChildren(...this.hint);
    const id = this.lessonId;
    this.lessonId = null;
    document.querySelector(`[data-lesson="${id}"]`)?.closest(".ec-event")?.focus();
  }

  /** Opens the page of a move; `place` is where the lesson was dropped. */
  async open(lessonId, place = {}, { focus = true, alert } = {}) {
    this.lessonId = lessonId;
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(place)) {
      for (const item of Array.isArray(value) ? value : [value]) if (item != null) params.append(name, item);
    }
    this.node.setAttribute("aria-busy", "true");
    const response = await fetch(`/cabinet/lessons/${lessonId}/move?${params}`, { credentials: "same-origin" }).catch(() => null);
    await this.fill(response, alert, focus);
  }

  async fill(response, alert, focus) {
    this.node.removeAttribute("aria-busy");
    const text = response ? await response.text() : "";
    const page = new DOMParser().parseFromString(text, "text/html");
    const found = page.querySelector("[data-move]");
    if (!found) return this.say("Нет связи с сервером. Попробуйте ещё раз.");
    this.node.replaceChildren(document.importNode(found, true));
    if (alert) this.node.firstElementChild.prepend(note("bad", alert));
    if (focus) this.node.querySelector("h2")?.focus();
  }

  say(text, tone = "bad") {
    this.show(note(tone, text));
  }

  /** A message over what the panel shows when no lesson is open. */
  show(message) {
    this.lessonId = null;
    this.node.replaceChildren(message, ...this.hint);
  }

  // Forms of the panel are sent as they are; a redirect means that it is done.
  async submit(event) {
    const form = event.target.closest("form");
    if (!form || form.method !== "post") {
      if (form) {
        event.preventDefault();
        this.open(this.lessonId, Object.fromEntries(new FormData(form)), { focus: false });
      }
      return;
    }
    event.preventDefault();
    const data = new URLSearchParams(new FormData(form, event.submitter));
    this.node.setAttribute("aria-busy", "true");
    const response = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin", headers: { "X-CSRF-Token": csrfToken() } })
      .catch(() => null);
    if (response?.redirected) {
      this.node.removeAttribute("aria-busy");
      this.close();
      this.onDone(response.url);
    } else await this.fill(response, null, true);
  }
}

export function note(tone, ...words) {
  return el("div", { class: `note ${tone} mb-2`, role: tone === "bad" ? "alert" : "status" },
    icon(tone === "bad" ? "alert-circle" : tone === "ok" ? "circle-check" : "alert-triangle"), el("div", {}, ...words));
}
