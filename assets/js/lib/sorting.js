// Lists marked data-sortable whose children are data-sort-item: each child carries the hidden field that names it, so moving the
// element is all there is to do.

const childrenOf = (list) => [...list.children].filter((child) => child.hasAttribute("data-sort-item"));

function markChanged(list) {
  const form = list.closest("form");
  if (form) form.dataset.changed = "1";
}

// Ends of the list have nowhere to go.
function refresh(list) {
  const items = childrenOf(list);
  items.forEach((item, index) => {
    for (const button of item.querySelectorAll("[data-move]")) {
      if (button.closest("[data-sort-item]") !== item) continue;
      button.disabled = button.dataset.move === "-1" ? index === 0 : index === items.length - 1;
    }
  });
}

function say(item, list) {
  const status = document.querySelector("[data-sort-status]");
  if (status) status.textContent = `Место ${childrenOf(list).indexOf(item) + 1} из ${childrenOf(list).length}`;
}

function onMove(event) {
  const button = event.target.closest("[data-sortable] [data-move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("[data-sort-item]");
  const list = item.parentElement;
  const step = Number(button.dataset.move);
  const other = childrenOf(list)[childrenOf(list).indexOf(item) + step];
  if (!other) return;
  if (step < 0) other.before(item);
  else other.after(item);
  refresh(list);
  markChanged(list);
  say(item, list);
  (button.disabled ? item.querySelector("[data-move]:not(:disabled)") : button)?.focus();
}

// The grip follows the pointer: the item changes places with whatever it is dragged over.
function onGrip(event) {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  const item = grip.closest("[data-sort-item]");
  const list = item.parentElement;
  item.classList.add("is-dragged");
  grip.setPointerCapture(event.pointerId);
  const move = ({ clientY }) => {
    for (const other of childrenOf(list)) {
      if (other === item) continue;
      const { top, height } = other.getBoundingClientRect();
      const isAbove = other.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (isAbove && clientY < top + height / 2) return void other.before(item);
      if (!isAbove && clientY > top + height / 2 && clientY < top + height + 200) other.after(item);
    }
  };
  const end = () => {
    item.classList.remove("is-dragged");
    grip.removeEventListener("pointermove", move);
    refresh(list);
    markChanged(list);
    say(item, list);
  };
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", end, { once: true });
  grip.addEventListener("pointercancel", end, { once: true });
}

export function startSorting() {
  document.addEventListener("click", onMove);
  document.addEventListener("pointerdown", onGrip);
}
