// Forms: checks on leaving a field, then while typing; the first error gets the focus; no double submit; a warning before
// unsaved changes are lost. The server checks everything again.
import { startFields, checkField, report } from "./lib/fields.js";
import { startFiles } from "./lib/files.js";
import { startOptions } from "./lib/options.js";
import { startStrength } from "./lib/strength.js";

const WAIT_MS = 15_000;

function problemsOf(form) {
  return [...form.elements].filter((control) => control.willValidate && checkField(control) !== null);
}

function onSubmit(event) {
  const form = event.target;
  if (!form.matches("form[data-form]") || event.defaultPrevented) return;
  if (form.dataset.sending) return event.preventDefault();
  if (!event.submitter?.formNoValidate) {
    const problems = problemsOf(form);
    problems.forEach((control) => report(control, checkField(control)));
    if (problems.length > 0) {
      event.preventDefault();
      problems[0].focus();
      return;
    }
  }
  lock(form, event.submitter);
}

// The button is marked, not disabled: a disabled one would drop its name and value from what is sent.
function lock(form, button) {
  form.dataset.sending = "1";
  delete form.dataset.changed;
  if (!button || form.method === "dialog") return;
  const words = [...button.childNodes];
  button.setAttribute("aria-busy", "true");
  button.replaceChildren(form.dataset.busy ?? "Отправляем…");
  const unlock = () => {
    delete form.dataset.sending;
    button.removeAttribute("aria-busy");
    button.replaceChildren(...words);
  };
  setTimeout(unlock, WAIT_MS); // no answer: let people try again
  window.addEventListener("pageshow", (event) => event.persisted && unlock(), { once: true });
}

function startDirty() {
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.hasAttribute("data-dirty")) form.dataset.changed = "1";
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-changed]")) event.preventDefault();
  });
}

function start() {
  for (const form of document.querySelectorAll("form[data-form]")) form.noValidate = true;
  document.addEventListener("submit", onSubmit);
  startFields();
  startFiles();
  startOptions();
  startStrength();
  startDirty();
  document.querySelector("[data-form-errors]")?.focus();
}

start();
