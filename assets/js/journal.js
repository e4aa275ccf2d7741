// The grid of marks: arrows and Enter move, letters work in both layouts, each cell is saved by itself, the state of saving is
// always in sight. Without us the form around the grid saves everything by its button.
import { clock, debounce, icon, plural } from "./lib/dom.js";
import { clean, parse, tone, write } from "./lib/marks.js";
import { showNotice } from "./lib/notices.js";
import { Queue } from "./lib/queue.js";

const SAVE_AFTER_MS = 400;
const STEPS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

function start(table) {
  const state = document.querySelector("[data-save-state]");
  const inputOf = (row, column) => table.tBodies[0].rows[row]?.cells[column]?.querySelector("input");
  const queue = new Queue(`copp-journal:${table.dataset.saveUrl}:${table.dataset.key}`, onQueue);
  const sendSoon = debounce(() => queue.send(), SAVE_AFTER_MS);

  function find(cell) {
    return table.querySelector(`[data-enrollment="${cell.body.enrollment_id}"] [data-lesson="${cell.lesson}"]`);
  }

  function show(input, text, extra = "") {
    const cell = input.closest("td");
    input.value = text;
    cell.classList.remove("n", "u", "o", "m5", "m2", "wait", "fault");
    for (const name of [tone(text), extra]) if (name) cell.classList.add(name);
  }

  function tell(kind, sign, text) {
    if (!state) return;
    state.className = `save-state ${kind}`;
    state.replaceChildren(icon(sign), text);
  }

  function onQueue(event, cell, body) {
    if (event === "change") return tellQueue();
    const input = find(cell);
    if (!input) return;
    const isNewer = input.value !== cell.text;
    const version = event === "sent" ? body?.version : body?.current?.version;
    if (version != null) input.dataset.version = version;
    if (event === "sent" && !isNewer) {
      input.dataset.saved = input.value;
      show(input, input.value);
    } else if (event === "conflict") {
      const theirs = write(body.current);
      input.dataset.saved = theirs;
      show(input, theirs, "fault");
      showNotice(`${input.getAttribute("aria-label")}: отметку уже изменили, теперь «${theirs || "был"}». Ваша — «${cell.text || "был"}». Введите ещё раз, если нужна она.`, "bad");
    } else if (event === "refused") {
      show(input, input.dataset.saved ?? input.defaultValue, "fault");
      showNotice(`${input.getAttribute("aria-label")}: ${body?.detail ?? "отметка не сохранена"}`, "bad");
    }
  }

  function tellQueue() {
    const n = queue.size;
    if (n === 0) return tell("ok", "cloud-check", `Сохранено в ${clock()}`);
    const marks = `${n} ${plural(n, "отметку", "отметки", "отметок")}`;
    if (queue.isOffline || !navigator.onLine) {
      return tell("bad", "cloud-off", `Не сохранили ${marks}. Нет связи. Повторим сами, данные не потеряются.`);
    }
    tell("wait", "cloud-upload", `Сохраняем ${marks}…`);
  }

  function save(input) {
    const row = input.closest("tr");
    const { mark, grade } = parse(input.value);
    const body = { enrollment_id: row.dataset.enrollment, mark, version: Number(input.dataset.version) || 0 };
    if (grade) body.grade = grade;
    else body.clear = ["grade"];
    const lesson = input.dataset.lesson;
    queue.put(`${lesson}:${row.dataset.enrollment}`, { url: `${table.dataset.saveUrl}/${lesson}/marks`, lesson, text: input.value, body });
    sendSoon();
  }

  function move(event) {
    const cell = event.target.closest("td");
    if (!cell) return;
    let step = STEPS[event.key];
    if (event.key === "Enter") step = event.shiftKey ? [-1, 0] : [1, 0];
    if (!step) return;
    event.preventDefault(); // Enter would send the form
    let [row, column] = [cell.parentNode.sectionRowIndex, cell.cellIndex];
    const body = table.tBodies[0];
    do {
      row += step[0];
      column += step[1];
      const input = inputOf(row, column);
      if (input) return input.focus();
    } while (row >= 0 && column > 0 && row < body.rows.length && column < cell.parentNode.cells.length);
  }

  table.addEventListener("keydown", move);
  table.addEventListener("focusin", (event) => event.target.select?.());
  table.addEventListener("input", (event) => {
    const input = event.target;
    const text = clean(input.value);
    show(input, text, "wait");
    save(input);
  });
  table.closest("form")?.addEventListener("submit", (event) => event.submitter || event.preventDefault());
  window.addEventListener("beforeunload", (event) => queue.size > 0 && !queue.isOffline && event.preventDefault());

  const today = table.querySelector("thead .today");
  const frame = table.parentElement;
  if (today) frame.scrollLeft = today.offsetLeft - frame.clientWidth / 2;

  // Cells left from a visit without connection.
  for (const cell of queue.cells.values()) {
    const input = find(cell);
    if (input) show(input, cell.text, "wait");
  }
  if (queue.size > 0) queue.send();
}

document.querySelectorAll("table[data-journal]").forEach(start);
