// Messages over the page: those the server put there and those of scripts. Good news leaves by itself, bad news waits.
import { el, icon } from "./dom.js";

const STAY_MS = 9000;

function leaveLater(toast) {
  let timer = setTimeout(() => toast.remove(), STAY_MS);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => (timer = setTimeout(() => toast.remove(), STAY_MS)));
}

export function showNotice(text, tone = "ok") {
  const close = el("button", { type: "button", "data-dismiss": true, "aria-label": "Закрыть сообщение" }, icon("x"));
  const toast = el("div", { class: "toastx" }, icon(tone === "ok" ? "circle-check" : "alert-circle"), el("span", {}, text), close);
  document.getElementById("toasts")?.append(toast);
  if (tone === "ok") leaveLater(toast);
}

export function startNotices() {
  document.querySelectorAll(".toastx[data-autohide]").forEach(leaveLater);
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toastx")?.remove());
}
