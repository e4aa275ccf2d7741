// The grid itself: @event-calendar/core shows and drags, everything else is ours.
import { createCalendar, Interaction, ResourceTimeline, TimeGrid } from "@event-calendar/core";
import { el, icon } from "../lib/dom.js";
import { askPlace, draftLesson, loadDraft, loadLessons, loadRooms, moveLesson, undo } from "./data.js";
import { follow } from "./live.js";
import { note, Panel } from "./panel.js";
import { dateOf, minutesBetween, timeOf } from "./times.js";
import { crossesMidnight, MIDNIGHT, Verdict } from "./verdict.js";

const WIDE = matchMedia("(min-width: 768px)");
const VIEWS = { week: "timeGridWeek", day: "timeGridDay", rooms: "resourceTimelineDay" };
const BAD_ROLES = /^(row|rowheader|columnheader|cell|gridcell|table|grid|rowgroup)$/;

// The calendar sets roles of a table whose nesting does not hold: without them events are buttons in a region.
function fixRoles(root) {
  queueMicrotask(() => {
    for (const node of root.querySelectorAll(".ec, .ec [role], .ec [aria-colindex], .ec [aria-rowindex]")) {
      if (BAD_ROLES.test(node.getAttribute("role"))) node.removeAttribute("role");
      for (const name of ["aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount"]) node.removeAttribute(name);
    }
  });
}

function content({ event, timeText, view }) {
  const lesson = event.extendedProps.lesson;
  if (!lesson) return { domNodes: [] };
  const where = lesson.mode === "online" ? "дистанционно" : lesson.rooms;
  const lines = [lesson.group, view.type.startsWith("resource") ? lesson.teachers : where].filter(Boolean).join(" · ");
  const box = el("div", { class: "bl", "data-lesson": lesson.id, title: [lesson.title, lesson.group, where, lesson.teachers, lesson.organization].filter(Boolean).join("\n") },
    el("span", { class: "bl-time" }, timeText), el("span", { class: "bl-title" }, lesson.title), el("span", { class: "bl-sub" }, lines),
    el("span", { class: "bl-code", "aria-hidden": "true" }, lesson.group || lesson.organization));
  if (lesson.state === "planned") box.firstChild.append(el("span", { class: "vh" }, ", не опубликовано"));
  if (lesson.is_locked) box.firstChild.prepend(icon("lock"));
  return { domNodes: [box] };
}

const toEvent = (lesson) => ({
  id: lesson.id, start: `${lesson.held_on}T${lesson.starts}`, end: `${lesson.held_on}T${lesson.ends}`, title: lesson.title, resourceIds: lesson.room_ids,
  editable: lesson.can_move, classNames: ["bl-event", lesson.tone, lesson.state, lesson.is_foreign ? "foreign" : "own"], extendedProps: { lesson },
});

// A change of the draft, where the lesson would be.
const toGhost = (change) => ({
  id: `draft-${change.id}`, start: `${change.held_on}T${change.starts}`, end: `${change.held_on}T${change.ends}`, title: change.title, editable: false,
  classNames: ["bl-event", "ghost", change.verdict],
  extendedProps: { lesson: { id: change.lesson_id, title: change.title, group: change.group, rooms: change.rooms, teachers: change.teachers, mode: "offline", isGhost: true } },
});

class Board {
  constructor(root) {
    this.root = root;
    this.grid = root.querySelector("[data-grid]");
    this.range = { from: root.dataset.from, to: root.dataset.to };
    this.view = root.dataset.view;
    this.canPlan = root.dataset.canPlan === "1";
    this.verdict = new Verdict(root.querySelector("[data-verdict]"), this.grid, this.range);
    this.panel = new Panel(root.querySelector("[data-panel]"), () => this.reload());
    this.rememberDraft(root.querySelector("[data-to-draft]"));
  }

  // The choice between at once and draft stays with the browser.
  rememberDraft(toggle) {
    if (!toggle) return;
    toggle.checked = localStorage.getItem("copp-to-draft") === "1";
    this.isDrafting = toggle.checked;
    toggle.addEventListener("change", () => {
      this.isDrafting = toggle.checked;
      localStorage.setItem("copp-to-draft", toggle.checked ? "1" : "0");
    });
  }

  async start() {
    const resources = this.view === "rooms" ? await this.rooms() : [];
    this.grid.hidden = false;
    this.root.querySelector("[data-list]").hidden = true;
    this.calendar = createCalendar(this.grid, [TimeGrid, ResourceTimeline, Interaction], { ...this.look(), ...this.behaviour(), resources });
    follow(this.range, () => this.reload());
  }

  look() {
    const hours = { hour: "2-digit", minute: "2-digit" };
    return {
      view: VIEWS[this.view], date: this.range.from, firstDay: 1, locale: "ru", height: "auto", slotMinTime: "08:00", slotMaxTime: "21:00",
      flexibleSlotTimeLimits: true, slotDuration: "00:30", snapDuration: "00:05", slotHeight: 32, slotWidth: 40, slotLabelInterval: "01:00", allDaySlot: false,
      nowIndicator: true, slotEventOverlap: false, headerToolbar: { start: "", center: "", end: "" }, slotLabelFormat: hours, eventTimeFormat: hours,
      dayHeaderFormat: { weekday: "short", day: "numeric", month: "short" }, eventContent: content, scrollTime: "08:00",
      hiddenDays: this.view === "week" && this.root.dataset.sunday !== "1" ? [0] : [],
    };
  }

  behaviour() {
    const fix = () => fixRoles(this.grid);
    return {
      eventSources: [{ events: () => this.lessons() }], lazyFetching: false, editable: this.canPlan, eventStartEditable: this.canPlan,
      eventDurationEditable: this.canPlan, datesSet: fix, eventAllUpdated: fix,
      eventClick: ({ event }) => this.select(event), dateClick: (info) => this.create(info),
      eventDragStart: (info) => this.begin(info), eventResizeStart: (info) => this.begin(info),
      dragConstraint: (info) => this.hover(info, true), resizeConstraint: (info) => this.hover(info, false),
      eventDrop: (info) => this.drop(info, true), eventResize: (info) => this.drop(info, false),
    };
  }

  async rooms() {
    const rooms = await loadRooms(this.root.dataset.query);
    this.roomIds = rooms.map((room) => room.id);
    return rooms.map((room) => ({ id: room.id, title: { domNodes: [el("span", { class: "room-row" },
      el("span", { class: "room-name" }, room.name), el("span", { class: "room-sub" }, room.organization))] } }));
  }

  async lessons() {
    const [lessons, draft] = await Promise.all([
      loadLessons(this.root.dataset.query, this.range.from, this.range.to), this.canPlan && this.view !== "rooms" ? loadDraft().catch(() => []) : [],
    ]);
    return [...lessons.map(toEvent), ...draft.filter((change) => change.held_on).map(toGhost)];
  }

  reload() {
    if (this.isDragging) this.isStale = true;
    else this.calendar.refetchEvents();
  }

  select(event) {
    const lesson = event.extendedProps.lesson;
    if (lesson?.isGhost) location.href = "/cabinet/schedule/draft";
    else if (lesson && !lesson.is_foreign) this.panel.open(lesson.id);
    else if (lesson) this.panel.say(`Занято: ${lesson.organization}${lesson.group ? `, группа ${lesson.group}` : ""}, ${lesson.starts}–${lesson.ends}.`, "warn");
  }

  create({ date, resource }) {
    if (!this.canPlan) return;
    const params = new URLSearchParams({ held_on: dateOf(date), starts: timeOf(date) });
    const chosen = new URLSearchParams(this.root.dataset.query);
    if (chosen.get("group")) params.set("group", chosen.get("group"));
    if (resource ?? chosen.get("room")) params.set("room", resource?.id ?? chosen.get("room"));
    location.href = `/cabinet/lessons/new?${params}`;
  }

  async begin({ event }) {
    this.isDragging = true;
    const known = await this.verdict.begin(event.extendedProps.lesson, this.view === "rooms" ? this.roomIds : []);
    if (known && this.isDragging && this.view !== "rooms") this.shade(known.busy);
  }

  // What is taken, as hatching under the lessons.
  shade(busy) {
    this.shades = busy.map((b, i) => ({ id: `busy-${i}`, start: b.from, end: b.to, display: "background", classNames: ["bl-busy"] }));
    for (const event of this.shades) this.calendar.addEvent(event);
  }

  endDrag() {
    this.isDragging = false;
    for (const event of this.shades ?? []) this.calendar.removeEventById(event.id);
    this.shades = null;
    this.verdict.end();
  }

  roomsAt(event) {
    return this.view === "rooms" ? event.resourceIds.map(String) : event.extendedProps.lesson.room_ids;
  }

  hover({ event }, isMove) {
    const start = isMove ? this.verdict.snapped(event.start) : event.start;
    const end = new Date(start.getTime() + (event.end - event.start));
    this.verdict.show(start, end, this.roomsAt(event));
    return true;
  }

  async drop({ event, oldEvent, revert, jsEvent }, isMove) {
    const lesson = event.extendedProps.lesson;
    const start = isMove ? this.verdict.snapped(event.start) : event.start;
    this.endDrag();
    if (crossesMidnight(start, new Date(start.getTime() + (event.end - event.start)))) {
      revert();
      return this.panel.say(`Нельзя: ${MIDNIGHT}.`);
    }
    const place = { held_on: dateOf(start), starts: timeOf(start) };
    if (minutesBetween(event.start, event.end) !== lesson.minutes) place.minutes = minutesBetween(event.start, event.end);
    if (this.view === "rooms" && event.resourceIds.join() !== oldEvent.resourceIds.join()) place.room_ids = event.resourceIds.map(String);
    if (jsEvent?.altKey) {
      revert();
      return this.panel.open(lesson.id, { ...place, copy: 1 });
    }
    await this.put(lesson, place, revert);
  }

  // Asked first, so that a refusal is an answer and no fault; the write may still lose a race.
  async put(lesson, place, revert) {
    if (this.isDrafting) return this.draft(lesson, place, revert);
    const asked = await askPlace({ lesson_id: lesson.id, ...place }).catch(() => ({ status: 0 }));
    if (asked.status === 200 && asked.body.verdict !== "free") {
      revert();
      return this.panel.open(lesson.id, place);
    }
    const { status, body } = asked.status === 200 ? await moveLesson(lesson.id, lesson.version, place).catch(() => ({ status: 0 })) : asked;
    if (status === 200) return this.moved(body);
    revert();
    if (status === 0) return this.panel.say("Нет связи с сервером: занятие осталось на месте.");
    await this.panel.open(lesson.id, body?.code === "lesson_conflict" ? place : {}, { alert: body?.code === "lesson_conflict" ? null : body?.detail });
    this.reload();
  }

  async draft(lesson, place, revert) {
    revert();
    const { status, body } = await draftLesson(lesson.id, place).catch(() => ({ status: 0 }));
    if (status !== 201) return this.panel.say(body?.detail ?? "Нет связи с сервером: черновик не изменился.");
    this.panel.say(el("span", {}, "Добавлено в черновик. ", el("a", { href: "/cabinet/schedule/draft" }, `Открыть: ${body.count}`)), "ok");
    this.reload();
  }

  // Done: said in the panel, with the way back.
  moved({ commit_id: commitId, items }) {
    const button = el("button", { type: "button", class: "btn btn-line btn-sm mt-2" }, icon("arrow-back-up"), "Отменить");
    const said = note("ok", el("span", {}, `Перенесено: ${items[0].now}.`), el("div", {}, button));
    this.panel.show(said);
    button.addEventListener("click", async () => {
      button.disabled = true;
      const { status, body } = await undo(commitId).catch(() => ({ status: 0 }));
      this.panel.show(status === 200 ? note("ok", "Перенос отменён.") : note("bad", body?.detail ?? "Нет связи с сервером."));
      this.reload();
    });
    this.reload();
  }
}

export function startBoard(root) {
  if (WIDE.matches) return new Board(root).start();
  follow({ from: root.dataset.from, to: root.dataset.to }, async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector("[data-list]");
    if (fresh) root.querySelector("[data-list]").replaceWith(document.importNode(fresh, true));
  });
}
