// What is said about the place under a dragged lesson: at once from the intervals that the server gave at the start of the
// drag, exactly (equipment, softer rules) from the server when the pointer rests.
import { askPlace, askVerdicts } from "./data.js";
import { dateOf, minutesBetween, spanInWords, stampOf, timeOf } from "./times.js";

const REST_MS = 120;
const SNAP_MINUTES = 20; // so near to a bell that the bell is meant
const WORDS = { free: "свободно", soft: "можно, но", hard: "нельзя", wait: "проверяем" };

export const MIDNIGHT = "занятие не может переходить на следующий день";

/** Ends a lesson on another day? Up to midnight is the same day. */
export const crossesMidnight = (start, end) => dateOf(start) !== dateOf(new Date(end.getTime() - 60000));

export class Verdict {
  constructor(line, grid, range) {
    this.line = line;
    this.grid = grid;
    this.range = range;
    this.exact = new Map();
  }

  /** A drag begins: asks what is taken in the visible days. */
  async begin(lesson, roomIds) {
    this.lesson = lesson;
    this.known = null;
    this.exact.clear();
    const { status, body } = await askVerdicts(lesson.id, this.range.from, this.range.to, roomIds);
    if (this.lesson !== lesson) return null;
    if (status === 200) this.known = body;
    return this.known;
  }

  end() {
    this.lesson = null;
    this.known = null;
    clearTimeout(this.timer);
    this.running?.abort();
    this.line.hidden = true;
    delete this.grid.dataset.verdict;
  }

  /** The bell that is meant by this time, or the time itself. */
  snapped(start) {
    const at = start.getHours() * 60 + start.getMinutes();
    let best = null;
    for (const bell of this.known?.bells ?? []) {
      const minute = Number(bell.slice(0, 2)) * 60 + Number(bell.slice(3, 5));
      if (Math.abs(minute - at) <= SNAP_MINUTES && (best === null || Math.abs(minute - at) < Math.abs(best - at))) best = minute;
    }
    return best === null ? start : new Date(start.getFullYear(), start.getMonth(), start.getDate(), 0, best);
  }

  /** The verdict of what is known here: {tone, texts}. */
  guess(start, end, roomIds) {
    if (crossesMidnight(start, end)) return { tone: "hard", texts: [MIDNIGHT] };
    if (!this.known) return { tone: "wait", texts: [] };
    const from = stampOf(start);
    const to = stampOf(end);
    const busy = this.known.busy.filter((b) => b.from < to && b.to > from && (!b.room_id || roomIds.includes(b.room_id)));
    if (busy.length > 0) return { tone: "hard", texts: [...new Set(busy.map((b) => b.text))] };
    const soft = this.known.days_off.filter((day) => day.day === dateOf(start)).map((day) => day.text);
    const { opens, closes } = this.known;
    if (opens && (timeOf(start) < opens || timeOf(end) > closes)) soft.push(`площадка работает с ${opens} до ${closes}`);
    return { tone: soft.length > 0 ? "soft" : "free", texts: soft };
  }

  /** Shows the verdict of a place; the exact one follows. */
  show(start, end, roomIds) {
    const key = `${stampOf(start)}/${stampOf(end)}/${roomIds.join()}`;
    if (key === this.key && this.lesson) return;
    this.key = key;
    const said = this.exact.get(key) ?? this.guess(start, end, roomIds);
    this.say(start, end, said);
    if (said.tone === "hard" || this.exact.has(key)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(key, start, end, roomIds), REST_MS);
  }

  async ask(key, start, end, roomIds) {
    this.running?.abort();
    this.running = new AbortController();
    const lesson = this.lesson;
    if (!lesson) return;
    const place = { lesson_id: lesson.id, held_on: dateOf(start), starts: timeOf(start), minutes: minutesBetween(start, end), room_ids: roomIds };
    try {
      const { status, body } = await askPlace(place, this.running.signal);
      if (status !== 200 || !body || this.lesson !== lesson) return; // no body: given up on the way
      const said = { tone: body.verdict, texts: body.conflicts.map((conflict) => conflict.text) };
      this.exact.set(key, said);
      if (this.key === key) this.say(start, end, said);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  say(start, end, { tone, texts }) {
    this.line.hidden = false;
    this.line.className = `board-verdict ${tone}`;
    this.line.textContent = `${spanInWords(start, end)}: ${WORDS[tone]}${texts.length > 0 ? ` — ${texts.join("; ")}` : ""}`;
    this.grid.dataset.verdict = tone;
  }
}
