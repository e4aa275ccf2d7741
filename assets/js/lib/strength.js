// How strong a new password is, in words, while it is typed. The server alone decides what is too common.
import { el } from "./dom.js";

const WORDS = [
  [8, "Коротко: нужно хотя бы 8 знаков"],
  [12, "Допустимо. Ещё слово, и подобрать станет куда труднее"],
  [16, "Хорошо"],
  [Infinity, "Отлично"],
];

function verdict(value) {
  const signs = [...value];
  if (new Set(signs).size < signs.length / 3) return "Слишком мало разных знаков";
  return WORDS.find(([below]) => signs.length < below)[1];
}

export function startStrength() {
  for (const control of document.querySelectorAll("input[data-strength]")) {
    const note = el("p", { class: "form-text mb-0", "aria-live": "polite" });
    (control.closest(".with-button") ?? control).after(note);
    control.addEventListener("input", () => (note.textContent = control.value === "" ? "" : verdict(control.value)));
  }
}
