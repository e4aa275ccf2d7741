// <time datetime data-relative>: «через 2 ч 40 мин», «5 мин назад». Within a day; farther dates stay as the server wrote them.
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export function relative(then, now = Date.now()) {
  const distance = then - now;
  const minutes = Math.round(Math.abs(distance) / MINUTE);
  if (Math.abs(distance) > DAY) return null;
  if (minutes === 0) return "сейчас";
  const hours = Math.floor(minutes / 60);
  const words = [hours && `${hours} ч`, minutes % 60 && `${minutes % 60} мин`].filter(Boolean).join(" ");
  return distance > 0 ? `через ${words}` : `${words} назад`;
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const text = relative(Date.parse(time.dateTime));
    if (!text) continue;
    time.title ||= time.textContent.trim();
    if (time.textContent !== text) time.textContent = text;
  }
}

export function startTimes() {
  if (!document.querySelector("time[data-relative]")) return;
  refresh();
  setInterval(refresh, 30_000);
}
