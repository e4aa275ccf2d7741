// One field: its check, the message under it, showing a password.
import { checks, format, praise } from "./checks.js";
import { el, icon } from "./dom.js";

/** Message of a control, or null when it is fine. */
export function checkField(control) {
  const value = control.value?.trim() ?? "";
  const state = control.validity;
  if (state?.valueMissing) return control.type === "checkbox" ? "Без этой отметки продолжить нельзя" : "Заполните это поле";
  if (value !== "" && checks[control.dataset.check]) return checks[control.dataset.check](value);
  if (state?.badInput) return control.type === "date" ? "Такой даты нет" : "Здесь нужно число";
  if (state?.rangeUnderflow) return `Не меньше ${russianDate(control.min)}`;
  if (state?.rangeOverflow) return `Не больше ${russianDate(control.max)}`;
  if (state?.tooShort) return `Не короче ${control.minLength} знаков`;
  if (state?.typeMismatch) return control.type === "url" ? "Адрес начинается с https://" : "Проверьте адрес";
  if (state?.patternMismatch) return control.title || "Проверьте, как записано";
  if (state?.customError) return control.validationMessage;
  return null;
}

function russianDate(text) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  return parts ? `${parts[3]}.${parts[2]}.${parts[1]}` : text;
}

const noteOf = (control, kind) => document.getElementById(`${control.id}-${kind}`);

/** Shows the message of a control (null: takes it away), and praise for a right number. */
export function report(control, message) {
  noteOf(control, "error")?.remove();
  noteOf(control, "good")?.remove();
  control.classList.toggle("is-invalid", message !== null);
  if (message !== null) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  const good = message === null && control.value && praise[control.dataset.check];
  if (control.id && (message || good)) {
    const note = el("p", { class: message ? "err mb-0" : "okmsg mb-0", id: `${control.id}-${message ? "error" : "good"}` },
      icon(message ? "alert-circle" : "circle-check"), el("span", {}, message || good));
    (control.closest(".with-button, .drop, .form-check, .opts") ?? control).after(note);
  }
  describe(control);
}

function describe(control) {
  const ids = ["error", "good", "hint"].map((kind) => `${control.id}-${kind}`).filter((id) => document.getElementById(id));
  if (ids.length > 0) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
}

function isOurs(control) {
  return control.willValidate && (control.form?.hasAttribute("data-form") || control.dataset.check);
}

function onLeave(event) {
  const control = event.target;
  if (!control.willValidate || !isOurs(control) || control.type === "radio") return;
  if (control.value === "" && !control.hasAttribute("aria-invalid")) return; // nothing typed: no reproach yet
  const neat = format[control.dataset.check]?.(control.value);
  if (neat && neat !== control.value) control.value = neat;
  report(control, checkField(control));
}

function onInput(event) {
  const control = event.target;
  if (control.getAttribute?.("aria-invalid") === "true" && control.willValidate && isOurs(control)) {
    const message = checkField(control);
    if (message === null || control.type === "checkbox") report(control, message);
  } else if (praise[control.dataset?.check]) {
    praiseEarly(control);
  }
}

// A right number is praised while it is typed; a wrong one is reproached only when the field is left.
function praiseEarly(control) {
  if (control.value !== "" && checkField(control) === null) return report(control, null);
  noteOf(control, "good")?.remove();
  describe(control);
}

function onShowPassword(event) {
  const button = event.target.closest("[data-show-password]");
  if (!button) return;
  const control = document.getElementById(button.dataset.showPassword);
  const shown = control.type === "text";
  control.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
  button.setAttribute("aria-label", shown ? "Показать пароль" : "Скрыть пароль");
  button.replaceChildren(icon(shown ? "eye" : "eye-off"));
}

export function startFields() {
  document.addEventListener("focusout", onLeave);
  document.addEventListener("input", onInput);
  document.addEventListener("click", onShowPassword);
}
