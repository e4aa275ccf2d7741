// File fields: type and size are checked before the upload, chosen files are named, files can be dropped on the field.
import { el } from "./dom.js";
import { report } from "./fields.js";

export function sizeInWords(bytes) {
  const units = ["Б", "КБ", "МБ", "ГБ"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${(unit > 1 ? bytes.toFixed(1) : Math.round(bytes)).toString().replace(".", ",").replace(",0", "")} ${units[unit]}`;
}

function fits(file, accept) {
  return accept === "" || accept.split(",").some((rule) => {
    const wanted = rule.trim().toLowerCase();
    if (wanted.startsWith(".")) return file.name.toLowerCase().endsWith(wanted);
    return wanted.endsWith("/*") ? file.type.startsWith(wanted.slice(0, -1)) : file.type === wanted;
  });
}

function problemOf(input) {
  const limit = Number(input.dataset.maxBytes) || Infinity;
  for (const file of input.files) {
    if (!fits(file, input.accept)) return `Файл «${file.name}» не подходит. Нужен: ${input.accept.replaceAll(",", ", ")}`;
    if (file.size > limit) return `Файл «${file.name}» больше ${sizeInWords(limit)}: в нём ${sizeInWords(file.size)}`;
    if (file.size === 0) return `Файл «${file.name}» пустой`;
  }
  return null;
}

function onChange(event) {
  const input = event.target;
  if (input.type !== "file") return;
  const problem = problemOf(input);
  input.setCustomValidity(problem ?? "");
  report(input, problem);
  const box = input.closest(".drop");
  if (!box) return;
  let list = box.querySelector("ul");
  if (!list) box.append((list = el("ul", { "aria-live": "polite" })));
  list.replaceChildren(...[...input.files].map((file) => el("li", {}, `${file.name}, ${sizeInWords(file.size)}`)));
}

function onDrag(event) {
  const box = event.target.closest?.(".drop");
  const input = box?.querySelector("input[type=file]");
  if (!input || !event.dataTransfer) return;
  event.preventDefault();
  box.classList.toggle("over", event.type === "dragover");
  if (event.type !== "drop" || event.dataTransfer.files.length === 0) return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export function startFiles() {
  document.addEventListener("change", onChange);
  for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, onDrag);
}
