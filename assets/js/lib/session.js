// The session of a cabinet ends after a while without requests. Two minutes before, a message offers to go on; when it has
// ended, forms are held back so that nothing typed is lost: log in in another tab, come back, go on.
import { csrfToken, el, icon } from "./dom.js";

const WARN_S = 120;
const SLACK_S = 60; // the server notes requests once a minute only
const EXTEND = "/cabinet/security/extend";

let endsAt = 0;
let timer = 0;
let bar = null;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("copp-session") : null;

const inSeconds = (s) => Date.now() + s * 1000;

function setEnd(idle, left) {
  endsAt = Math.min(inSeconds(Math.max(idle - SLACK_S, WARN_S + 30)), inSeconds(left));
  hide();
  clearTimeout(timer);
  timer = setTimeout(tick, Math.max(0, Math.min(endsAt - WARN_S * 1000 - Date.now(), 2 ** 30)));
}

function hide() {
  bar?.remove();
  bar = null;
}

function show(text, label, act, more) {
  hide();
  const button = el("button", { type: "button" }, label);
  button.addEventListener("click", act);
  bar = el("div", { class: "toastx", role: "alert" }, icon("clock"), el("span", {}, text), more, button);
  document.getElementById("toasts")?.append(bar);
}

function tick() {
  const left = Math.round((endsAt - Date.now()) / 1000);
  if (left <= 0) return showEnd();
  if (left > WARN_S) return setTimeout(tick, (left - WARN_S) * 1000);
  if (!bar) show("Сеанс закончится через две минуты из-за бездействия.", "Продлить", extend);
  timer = setTimeout(tick, left * 1000);
}

function showEnd() {
  const link = el("a", { href: "/login", target: "_blank", rel: "noopener" }, "Войти в новой вкладке");
  show("Сеанс закончился. Введённое на этой странице сохранится: войдите в новой вкладке и вернитесь сюда.", "Я вошёл", extend, link);
}

// Also after a log-in elsewhere: forms of this page get the token of the new session.
async function extend() {
  try {
    const response = await fetch(EXTEND, { method: "POST", credentials: "same-origin", redirect: "manual", headers: { "X-CSRF-Token": csrfToken() } });
    const answer = response.ok ? await response.json() : await renew();
    if (!answer) return showEnd();
    useToken(answer.csrf);
    setEnd(answer.idle_s, answer.left_s);
    channel?.postMessage(answer);
  } catch {
    show("Нет связи с сервером.", "Повторить", extend);
  }
}

// The token was of a session that has ended: a page of the new one has another.
async function renew() {
  const page = await fetch("/cabinet/security", { credentials: "same-origin", redirect: "manual" });
  if (!page.ok) return null;
  const found = new DOMParser().parseFromString(await page.text(), "text/html");
  const left = found.querySelector('meta[name="session-left"]')?.content.split(" ").map(Number);
  const token = found.querySelector('meta[name="csrf-token"]')?.content;
  return left && token ? { idle_s: left[0], left_s: left[1], csrf: token } : null;
}

function useToken(token) {
  if (!token) return;
  document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
  document.querySelectorAll('input[name="_csrf"]').forEach((field) => (field.value = token));
}

function holdBack(event) {
  if (Date.now() < endsAt || event.target.method === "get") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  showEnd();
}

export function startSession() {
  const left = document.querySelector('meta[name="session-left"]')?.content.split(" ").map(Number);
  if (!left) return;
  setEnd(left[0], left[1]);
  channel?.addEventListener("message", (event) => setEnd(event.data.idle_s, event.data.left_s));
  document.addEventListener("submit", holdBack, true);
}
