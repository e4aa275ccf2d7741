// Fields that name an item of a long list: what fits the typed text is offered (a native datalist, filled while typing).
const WAIT_MS = 200;

async function fill(control, list) {
  const address = new URL(control.dataset.options, location.href);
  address.searchParams.set("q", control.value.trim());
  const answer = await fetch(address, { credentials: "same-origin", headers: { accept: "application/json" } });
  if (!answer.ok) return;
  const { items } = await answer.json();
  list.replaceChildren(...items.map((item) => Object.assign(document.createElement("option"), { value: item.value, label: item.label })));
}

function start(control) {
  const list = document.createElement("datalist");
  list.id = `${control.id}-options`;
  control.after(list);
  control.setAttribute("list", list.id);
  control.setAttribute("autocomplete", "off");
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => fill(control, list).catch(() => {}), WAIT_MS); // without an offer the code is typed
  };
  control.addEventListener("input", soon);
  control.addEventListener("focus", soon, { once: true });
}

export function startOptions() {
  document.querySelectorAll("input[data-options]").forEach(start);
}
