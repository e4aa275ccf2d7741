// The bell counts by itself: a stream of the server while it works, a question a minute while it does not. One stream a
// browser is enough (HTTP/1.1 has six connections): the page in sight holds it.
const POLL_MS = 60000;

function show(bell, count) {
  if (Number(bell.dataset.count) === count) return;
  const grew = count > Number(bell.dataset.count);
  bell.dataset.count = String(count);
  const badge = bell.querySelector(".nb");
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? "99+" : String(count);
  bell.setAttribute("aria-label", count > 0 ? `Уведомления, новых: ${badge.textContent}` : "Уведомления");
  const status = document.getElementById("bell-status");
  if (grew && status) status.textContent = `Новое уведомление. Всего новых: ${badge.textContent}`;
}

async function ask(bell) {
  try {
    const response = await fetch(`${bell.pathname}/count`, { headers: { accept: "application/json" } });
    if (response.ok && !response.redirected) show(bell, (await response.json()).count);
  } catch { /* without a connection the old number stays */ }
}

export function startBell() {
  const bell = document.querySelector("a.bell[data-live]");
  if (!bell) return;
  let stream, poll;
  const close = () => {
    stream?.close();
    clearInterval(poll);
    stream = poll = undefined;
  };
  const open = () => {
    if (stream || poll) return;
    stream = new EventSource(`${bell.pathname}/events`);
    stream.addEventListener("unread", (event) => show(bell, JSON.parse(event.data).count));
    stream.addEventListener("error", () => {
      if (stream?.readyState !== EventSource.CLOSED) return; // it comes back by itself
      stream = undefined;
      poll ??= setInterval(() => ask(bell), POLL_MS);
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  if (!document.hidden) open();
}
