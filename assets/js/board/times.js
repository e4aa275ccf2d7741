// Local dates and times of lessons. The calendar carries wall-clock time in Date objects; no zone is ever applied.
import { pad } from "../lib/dom.js";

export const dateOf = (at) => `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
export const timeOf = (at) => `${pad(at.getHours())}:${pad(at.getMinutes())}`;
export const stampOf = (at) => `${dateOf(at)}T${timeOf(at)}`;
export const minutesBetween = (start, end) => Math.round((end - start) / 60000);

const DAY = new Intl.DateTimeFormat("ru", { weekday: "short", day: "numeric", month: "short" });

/** «вт, 24 нояб., 09:00–10:30» */
export const spanInWords = (start, end) => `${DAY.format(start)}, ${timeOf(start)}–${timeOf(end)}`;
