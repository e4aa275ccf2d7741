// Dialogs are <dialog popover>: they open without JavaScript. Here they become modal, and data-confirm gets its question.
import { el } from "./dom.js";

function openModal(dialog) {
  if ("popover" in dialog && dialog.matches(":popover-open")) dialog.hidePopover();
  dialog.removeAttribute("popover");
  if (!dialog.open) dialog.showModal();
}

function onPopoverButton(event) {
  const button = event.target.closest("[popovertarget]");
  const target = button && document.getElementById(button.getAttribute("popovertarget"));
  if (!(target instanceof HTMLDialogElement)) return;
  event.preventDefault();
  if (button.getAttribute("popovertargetaction") === "hide") target.close();
  else {
    button.closest("details.menu")?.removeAttribute("open");
    openModal(target);
  }
}

/** Asks; resolves to true or false. */
export function ask(title, text, yes = "Да", tone = "btn-primary") {
  const no = el("button", { type: "button", class: "btn btn-ghost", value: "no" }, "Отмена");
  const ok = el("button", { type: "button", class: `btn ${tone}`, value: "yes" }, yes);
  const dialog = el("dialog", { class: "dlg", "aria-labelledby": "ask-title" }, el("h2", { id: "ask-title" }, title),
    text ? el("p", { class: "ink2" }, text) : null, el("div", { class: "form-actions" }, no, ok));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    ok.addEventListener("click", () => dialog.close("yes"));
    no.addEventListener("click", () => dialog.close("no"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

// Runs before other submit handlers (capture): nothing else sees a form that is not confirmed yet.
function onSubmit(event) {
  const form = event.target;
  const asked = event.submitter?.dataset.confirm ? event.submitter : form.dataset.confirm ? form : null;
  if (!asked || form.dataset.confirmed) return void delete form.dataset.confirmed;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { confirm, confirmText, confirmButton } = asked.dataset;
  const submitter = event.submitter;
  const tone = submitter?.classList.contains("btn-bad") ? "btn-bad" : "btn-primary";
  ask(confirm, confirmText, confirmButton ?? submitter?.textContent.trim() ?? "Да", tone).then((yes) => {
    if (!yes) return submitter?.focus();
    form.dataset.confirmed = "1";
    form.requestSubmit(submitter);
  });
}

export function startDialogs() {
  document.addEventListener("click", onPopoverButton);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (dialog instanceof HTMLDialogElement && dialog.open && dialog.matches(":modal") && !inside(dialog, event)) dialog.close();
  });
}

function inside(dialog, { clientX: x, clientY: y }) {
  const box = dialog.getBoundingClientRect();
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}
