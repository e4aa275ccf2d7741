// Every page: theme without a reload, modal dialogs, questions before acts, notices, relative times, menus, Ctrl K.
import { csrfToken, icon } from "./lib/dom.js";
import { startBell } from "./lib/bell.js";
import { startDialogs } from "./lib/dialogs.js";
import { startHyphens } from "./lib/hyphens.js";
import { startPalette } from "./lib/palette.js";
import { showNotice, startNotices } from "./lib/notices.js";
import { startScrollers } from "./lib/scrollers.js";
import { startSession } from "./lib/session.js";
import { startTimes } from "./lib/times.js";

document.documentElement.classList.add("js");

// The link works without us: the server sets the cookie and comes back. Here the page changes at once.
function startTheme() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-theme-toggle]");
    if (!link || event.ctrlKey || event.metaKey || document.documentElement.dataset.vi) return;
    event.preventDefault();
    const wanted = new URL(link.href).searchParams.get("theme");
    document.documentElement.dataset.bsTheme = wanted;
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", wanted === "dark" ? "#131a2e" : "#ffffff");
    fetch(link.href, { redirect: "manual", credentials: "same-origin" }).catch(() => {});
    document.querySelectorAll("a[data-theme-toggle]").forEach((each) => showNextTheme(each, wanted));
  });
}

function showNextTheme(link, current) {
  const next = current === "dark" ? "light" : "dark";
  const words = next === "dark" ? "Тёмная тема" : "Светлая тема";
  const address = new URL(link.href);
  address.searchParams.set("theme", next);
  link.href = address.pathname + address.search;
  link.querySelector(".i")?.replaceWith(icon(next === "dark" ? "moon" : "sun"));
  if (link.hasAttribute("aria-label")) {
    link.setAttribute("aria-label", words);
    link.title = words;
  } else link.lastChild.textContent = words;
}

function startMenus() {
  const closeOthers = (keep) =>
    document.querySelectorAll("details.menu[open]").forEach((menu) => menu !== keep && menu.removeAttribute("open"));
  document.addEventListener("click", (event) => closeOthers(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
}

function startKeys() {
  document.addEventListener("keydown", (event) => {
    // By place on the keyboard: the key gives «л» in the Russian layout.
    if (!(event.ctrlKey || event.metaKey) || event.code !== "KeyK") return;
    const field = document.querySelector("[data-hotkey=k]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

// Browsers before popovers (2023): the same buttons, by a class.
function startOldPopovers() {
  if ("popover" in HTMLElement.prototype) return;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[popovertarget]");
    const target = button && document.getElementById(button.getAttribute("popovertarget"));
    if (target && !(target instanceof HTMLDialogElement)) target.classList.toggle("is-open");
  });
}

async function copyText(button) {
  const lines = [...document.querySelectorAll(`${button.dataset.copy} code`)].map((code) => code.textContent);
  await navigator.clipboard.writeText(lines.join("\n"));
  showNotice("Скопировано");
}

function startSmallThings() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copyText(button).catch(() => showNotice("Скопировать не вышло: выделите и скопируйте сами", "bad"));
  });
  document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());
  document.addEventListener("change", (event) => event.target.matches("[data-autosubmit]") && event.target.form?.requestSubmit());
  // htmx sends the token in a header, like our own fetches.
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail?.ctx?.request;
    if (request?.headers && csrfToken()) request.headers["X-CSRF-Token"] = csrfToken();
  });
  const waiting = document.querySelector("[data-refresh]"); // the page of a job that runs
  if (waiting) setTimeout(() => location.replace(waiting.dataset.refresh), 1500);
  const current = document.querySelector(".tabs [aria-current]");
  current?.scrollIntoView({ block: "nearest", inline: "center" });
}

startTheme();
startScrollers();
startMenus();
startKeys();
startBell();
startPalette();
startDialogs();
startNotices();
startTimes();
startSession();
startHyphens();
startOldPopovers();
startSmallThings();
