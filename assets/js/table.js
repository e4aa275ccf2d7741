// Lists: select all, the bar of mass actions, a click anywhere on a row.
import { plural } from "./lib/dom.js";

const boxesOf = (table) => [...table.querySelectorAll("tbody .chk input[type=checkbox]:not(:disabled)")];

function scopeOf(table) {
  const boxes = boxesOf(table);
  return boxes[0]?.form ?? table.closest("form") ?? document;
}

function barOf(table) {
  const scope = scopeOf(table);
  const bars = [...document.querySelectorAll("[data-bulk]")];
  return bars.find((bar) => scope.contains?.(bar) || (scope.id && bar.dataset.formId === scope.id)) ?? null;
}

function refresh(table) {
  const boxes = boxesOf(table);
  if (boxes.length === 0) return;
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr").classList.toggle("sel", box.checked);
  const all = table.querySelector("[data-select-all]");
  if (all) {
    all.checked = chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
  const bar = barOf(table);
  if (!bar) return;
  bar.hidden = chosen.length === 0;
  const count = bar.querySelector("[data-bulk-count]");
  if (count) count.textContent = chosen.length;
  for (const words of document.querySelectorAll("[data-bulk-words]")) {
    const [one, few, many] = words.dataset.bulkWords.split("|");
    words.textContent = `${chosen.length} ${plural(chosen.length, one, few, many)}`;
  }
}

function onChange(event) {
  const table = event.target.closest?.("table");
  if (!table || event.target.type !== "checkbox") return;
  if (event.target.matches("[data-select-all]")) for (const box of boxesOf(table)) box.checked = event.target.checked;
  if (event.target.closest(".chk")) refresh(table);
}

function onClick(event) {
  if (event.target.closest("[data-bulk-clear]")) {
    const bar = event.target.closest("[data-bulk]");
    for (const table of document.querySelectorAll("table.tablex")) {
      if (barOf(table) !== bar) continue;
      for (const box of boxesOf(table)) box.checked = false;
      refresh(table);
    }
    return;
  }
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary, details") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.href = row.dataset.href;
}

document.addEventListener("change", onChange);
document.addEventListener("click", onClick);
const refreshAll = () => document.querySelectorAll("table.tablex").forEach(refresh);
window.addEventListener("pageshow", refreshAll);
document.addEventListener("copp:swapped", refreshAll);
document.addEventListener("htmx:after:swap", refreshAll);
refreshAll();
