// The search field of the cabinet as a command palette: a combobox with a listbox (ARIA pattern). The list comes from the
// server; without us the field is a plain form that opens the page of results.
const WAIT_MS = 150;

export function startPalette() {
  const field = document.querySelector("input[data-palette]");
  const list = field && document.getElementById(field.getAttribute("aria-controls"));
  const status = document.getElementById("palette-status");
  if (!list) return;
  let timer, request, active = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];

  function open(shown) {
    list.hidden = !shown;
    field.setAttribute("aria-expanded", String(shown));
    if (!shown) mark(-1);
  }
  function mark(index) {
    const all = options();
    active = all.length === 0 ? -1 : index;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    if (active < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }
  async function ask() {
    const q = field.value.trim();
    request?.abort();
    if (q === "") return open(false);
    request = new AbortController();
    try {
      const response = await fetch(`${field.form.action}/options?${new URLSearchParams({ q })}`, { signal: request.signal });
      if (!response.ok || response.redirected) return open(false);
      list.innerHTML = await response.text();
      status.textContent = list.querySelector("[data-status]")?.textContent ?? "";
      open(true);
      mark(-1);
    } catch (error) {
      if (error.name !== "AbortError") open(false);
    }
  }
  function move(step) {
    const count = options().length;
    if (list.hidden || count === 0) return;
    mark(step === "first" ? 0 : step === "last" ? count - 1 : (active + step + count + (active < 0 && step < 0 ? 1 : 0)) % count);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  field.addEventListener("focus", () => field.value.trim() !== "" && ask());
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter" && active >= 0) options()[active].click();
    else if (event.key === "Escape" && !list.hidden) open(false);
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", () => setTimeout(() => !list.contains(document.activeElement) && open(false), 150));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus, the click still follows
}
