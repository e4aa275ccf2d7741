// The form of a lesson: while people fill it, the server is asked what stands in the way; conflicts and free slots appear beside,
// a slot fills the form by a click. Without us the same comes after submitting.
import { debounce, el, icon, sendJson } from "./lib/dom.js";

const FIELDS = ["group_id", "subgroup_id", "module_id", "kind", "mode", "held_on", "starts", "lesson_id"];
const LISTS = ["teacher_ids", "room_ids"];

function read(form) {
  const data = new FormData(form);
  const lesson = {};
  for (const name of FIELDS) if (data.get(name)) lesson[name] = data.get(name);
  for (const name of LISTS) lesson[name] = data.getAll(name).filter(Boolean);
  lesson.minutes = Number(data.get("minutes")) || undefined;
  return lesson;
}

const isComplete = (lesson) => lesson.group_id && lesson.held_on && lesson.starts && lesson.minutes;

function dayInWords(date) {
  const words = new Intl.DateTimeFormat("ru", { weekday: "short", day: "numeric", month: "long", timeZone: "UTC" });
  return words.format(new Date(`${date}T00:00Z`));
}

function note(tone, sign, ...words) {
  return el("div", { class: `note ${tone}` }, icon(sign), el("div", {}, ...words));
}

function conflictNote(conflict) {
  const more = conflict.overridable && el("span", { class: "d-block xs" }, "Можно разрешить с указанием причины");
  return note(conflict.overridable ? "warn" : "bad", conflict.overridable ? "alert-triangle" : "alert-circle", conflict.text, more);
}

function slotCard(slot) {
  const button = el("button", { type: "button", class: "btn btn-line btn-sm", "data-slot": true, "data-held-on": slot.held_on,
    "data-starts": slot.starts.slice(0, 5), "data-rooms": (slot.room_ids ?? []).join(",") }, "Выбрать");
  return el("div", { class: "sug" }, el("b", { class: "b sm" }, `${dayInWords(slot.held_on)}, ${slot.starts.slice(0, 5)}`),
    slot.rooms && el("span", { class: "sm muted" }, slot.rooms), el("div", {}, button));
}

function show(panel, { conflicts, free_slots: slots }) {
  const nodes = conflicts.map(conflictNote);
  if (conflicts.length === 0) nodes.push(note("ok", "circle-check", "Конфликтов нет: преподаватель, группа и помещение свободны."));
  if (conflicts.length > 0 && slots?.length > 0) {
    nodes.push(el("p", { class: "b sm mb-0" }, "Свободно в другое время"), ...slots.map(slotCard));
  }
  panel.replaceChildren(el("div", { class: "stack g12" }, ...nodes));
}

function fill(form, button) {
  const set = (name, value) => {
    const control = form.elements[name];
    if (control && value) control.value = value;
  };
  set("held_on", button.dataset.heldOn);
  set("starts", button.dataset.starts);
  const rooms = (button.dataset.rooms ?? "").split(",").filter(Boolean);
  const select = form.elements.room_ids;
  if (select?.multiple) for (const option of select.options) option.selected = rooms.includes(option.value);
  else set("room_ids", rooms[0]);
}

function start(form) {
  const panel = form.querySelector("[data-conflicts]") ?? document.querySelector("[data-conflicts]");
  if (!panel) return;
  let running = null;
  async function check() {
    const lesson = read(form);
    if (!isComplete(lesson)) return;
    running?.abort();
    running = new AbortController();
    panel.setAttribute("aria-busy", "true");
    try {
      const { status, body } = await sendJson(form.dataset.checkUrl ?? "/api/v1/lessons/check", "POST", lesson, running.signal);
      if (status === 200) show(panel, body);
      else if (status === 422) panel.replaceChildren(note("warn", "alert-triangle", body?.errors?.[0]?.message ?? body?.detail ?? ""));
      else panel.replaceChildren();
    } catch (error) {
      if (error.name === "AbortError") return;
      panel.replaceChildren(note("neu", "cloud-off", "Нет связи: проверим при сохранении."));
    }
    panel.removeAttribute("aria-busy");
  }
  const soon = debounce(check, 350);
  form.addEventListener("input", (event) => event.target.name && event.target.name !== "topic" && soon());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-slot]");
    if (!button) return;
    event.preventDefault();
    fill(form, button);
    form.elements.held_on?.focus();
    check();
  });
  if (!panel.firstElementChild) check();
}

document.querySelectorAll("form[data-lesson-form]").forEach(start);
