// What scrolls sideways stops the Tab key only while it does: without scripts it always stops.

const SELECTOR = ".scroll-x, .jr-w";

function refresh(element) {
  const scrolls = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
  if (scrolls) element.setAttribute("tabindex", "0");
  else if (document.activeElement !== element) element.removeAttribute("tabindex");
}

export function startScrollers() {
  const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => refresh(target)));
  const observe = () => document.querySelectorAll(SELECTOR).forEach((element) => observer.observe(element));
  observe();
  document.addEventListener("htmx:after:swap", observe);
  document.addEventListener("copp:swapped", observe);
}
