// Rich text: Quill over each textarea[data-rich], with a bar of our own. What it makes is written back to the textarea; the server
// cleans it in any case.
import Quill from "quill/core";
import Bold from "quill/formats/bold";
import Header from "quill/formats/header";
import Italic from "quill/formats/italic";
import Link from "quill/formats/link";
import List from "quill/formats/list";
import Blockquote from "quill/formats/blockquote";
import { el, icon } from "./dom.js";

Quill.register({ "formats/bold": Bold, "formats/italic": Italic, "formats/header": Header, "formats/link": Link, "formats/list": List, "formats/blockquote": Blockquote });

const FORMATS = ["bold", "italic", "header", "link", "list", "blockquote"];
const BUTTONS = [
  ["bold", "Жирный", true, "bold"], ["italic", "Курсив", true, "italic"], ["header", "Заголовок", 2, "h-2"], ["header", "Подзаголовок", 3, "h-3"],
  ["list", "Список", "bullet", "list"], ["list", "Нумерованный список", "ordered", "list-numbers"], ["blockquote", "Цитата", true, "quote"],
];

function bar(quill, label) {
  const box = el("div", { class: "rich-bar", role: "toolbar", "aria-label": `Оформление: ${label}` });
  const buttons = BUTTONS.map(([format, title, value, name]) => {
    const button = el("button", { type: "button", class: "btn btn-ghost btn-i btn-sm", "aria-label": title, title, "aria-pressed": "false" }, icon(name));
    button.addEventListener("click", () => {
      const current = quill.getFormat()[format];
      quill.format(format, current === value ? false : value, "user");
      quill.focus();
    });
    box.append(button);
    return [button, format, value];
  });
  box.append(linkButton(quill));
  quill.on("editor-change", () => {
    const now = quill.getSelection() ? quill.getFormat() : {};
    for (const [button, format, value] of buttons) button.setAttribute("aria-pressed", String(now[format] === value));
  });
  return box;
}

function linkButton(quill) {
  const field = el("input", { class: "form-control form-control-sm", type: "text", "aria-label": "Адрес ссылки", placeholder: "/programs или https://…", hidden: true });
  const button = el("button", { type: "button", class: "btn btn-ghost btn-i btn-sm", "aria-label": "Ссылка", title: "Ссылка" }, icon("link"));
  let range = null;
  button.addEventListener("click", () => {
    range = quill.getSelection(true);
    field.value = quill.getFormat(range).link ?? "";
    field.hidden = !field.hidden;
    if (!field.hidden) field.focus();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") field.hidden = true;
    if (event.key !== "Enter") return;
    event.preventDefault();
    const address = field.value.trim();
    if (range.length > 0) quill.formatText(range, "link", address || false, "user");
    else if (address) quill.insertText(range.index, address, "link", address, "user");
    field.hidden = true;
    quill.focus();
  });
  return el("span", { class: "rowf nowrap g4" }, button, field);
}

// Quill writes every space as a no-break one.
const markupOf = (quill) => (quill.getText().trim() === "" ? "" : quill.getSemanticHTML().replace(/&nbsp;/g, " "));

function start(area) {
  const label = document.querySelector(`label[for="${CSS.escape(area.id)}"]`);
  const place = el("div", { class: "rich" });
  area.after(place);
  area.hidden = true;
  const quill = new Quill(place, { formats: FORMATS, modules: { toolbar: false } });
  quill.setContents(quill.clipboard.convert({ html: area.value }), "silent"); // pasting would take the focus
  quill.root.setAttribute("role", "textbox");
  quill.root.setAttribute("aria-multiline", "true");
  quill.root.setAttribute("aria-label", label?.firstChild.textContent.trim() ?? "Текст");
  if (area.hasAttribute("aria-describedby")) quill.root.setAttribute("aria-describedby", area.getAttribute("aria-describedby"));
  label?.addEventListener("click", () => quill.focus());
  place.before(bar(quill, label?.firstChild.textContent.trim() ?? "текст"));
  quill.on("text-change", (delta, old, source) => {
    area.value = markupOf(quill);
    if (source === "user" && area.form) area.form.dataset.changed = "1";
  });
}

export function startRichText() {
  document.querySelectorAll("textarea[data-rich]").forEach(start);
}
