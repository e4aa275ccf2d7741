// Small tools shared by the bundles: building elements, icons of the sprite, JSON requests with the CSRF token.

/** Makes an element: el("p", {class: "err"}, "text", child). Texts are never parsed as HTML. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

/** An icon of the sprite that the page already uses. */
export function icon(name) {
  const sprite = document.querySelector("svg.i use")?.getAttribute("href")?.split("#")[0] ?? "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** Sends JSON; resolves to {status, body}. Rejects only when there is no connection. */
export async function sendJson(url, method, value, signal) {
  const response = await fetch(url, {
    method,
    signal,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken() },
    body: JSON.stringify(value),
  });
  const body = await response.json().catch(() => null);
  return { status: response.status, body };
}

/** Calls fn once, `wait` ms after the last of many calls. */
export function debounce(fn, wait) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), wait);
  };
}

export const pad = (n) => String(n).padStart(2, "0");
export const clock = (date = new Date()) => `${date.getHours()}:${pad(date.getMinutes())}`;

/** Russian plural: plural(4, "место", "места", "мест"). */
export function plural(n, one, few, many) {
  const tens = n % 100;
  const units = n % 10;
  if (units === 1 && tens !== 11) return one;
  return units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? few : many;
}
