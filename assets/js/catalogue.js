// GET forms marked data-live="#list": a change asks the server for the page and swaps that element (and the counts of the form),
// keeping the focus. The address follows, so that a link and the way back show the same. Without us a button submits.
import { debounce } from "./lib/dom.js";

let running = null;

function targetOf(form) {
  return form.dataset.live ?? (form.hasAttribute("data-catalogue") ? "#catalogue" : null);
}

function addressOf(form) {
  const params = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") params.append(name, value);
  const text = params.toString();
  return form.getAttribute("action") + (text ? `?${text}` : "");
}

async function show(address, selectors, { push }) {
  running?.abort();
  running = new AbortController();
  const place = document.querySelector(selectors[0]);
  place?.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { signal: running.signal, credentials: "same-origin" });
    if (!response.ok) return void (location.href = address);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const selector of selectors) swap(selector, page);
    if (push) history.pushState({ live: selectors }, "", address);
    document.title = page.title || document.title;
    document.dispatchEvent(new CustomEvent("copp:swapped"));
  } catch (error) {
    if (error.name !== "AbortError") location.href = address;
  } finally {
    document.querySelector(selectors[0])?.removeAttribute("aria-busy");
  }
}

function swap(selector, page) {
  const old = document.querySelector(selector);
  const fresh = page.querySelector(selector);
  if (!old || !fresh) return;
  const active = document.activeElement;
  const focused = old.contains(active) ? active.id : null;
  const caret = focused && "selectionStart" in active ? active.selectionStart : null;
  const opened = [...old.querySelectorAll("details")].map((details) => details.open);
  old.replaceWith(document.adoptNode(fresh));
  fresh.querySelectorAll("details").forEach((details, i) => i < opened.length && (details.open = opened[i]));
  const again = focused && document.getElementById(focused);
  again?.focus({ preventScroll: true });
  if (again && caret !== null) try { again.setSelectionRange(caret, caret); } catch { /* not a text field */ }
}

function selectorsOf(form) {
  form.id ||= `live-${[...document.forms].indexOf(form)}`;
  return form.getAttribute("id").startsWith("live-") ? [targetOf(form)] : [targetOf(form), `#${form.id}`];
}

const later = debounce((form) => show(addressOf(form), selectorsOf(form), { push: true }), 250);

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && targetOf(form)) later(form);
});
document.addEventListener("submit", (event) => {
  if (!targetOf(event.target)) return;
  event.preventDefault();
  show(addressOf(event.target), selectorsOf(event.target), { push: true });
});
window.addEventListener("popstate", () => location.reload());

// On phones the column of facets starts folded.
if (matchMedia("(max-width: 991px)").matches) {
  document.querySelectorAll("details.sheet-d[open]").forEach((details) => details.removeAttribute("open"));
}
