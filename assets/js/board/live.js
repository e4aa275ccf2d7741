// Boards of all dispatchers keep in step: the page in sight listens and loads anew what has changed.
import { debounce } from "../lib/dom.js";

export function follow(range, reload) {
  const soon = debounce(reload, 250);
  let stream;
  const open = () => {
    stream ??= new EventSource("/cabinet/schedule/events");
    stream.addEventListener("changed", (event) => {
      const { from, to } = JSON.parse(event.data);
      if (!from || (from <= range.to && to >= range.from)) soon();
    });
    let first = true;
    stream.addEventListener("refresh", () => {
      if (!first) soon(); // a connection that was lost may have missed something
      first = false;
    });
  };
  const close = () => {
    stream?.close();
    stream = undefined;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return close();
    open();
    soon();
  });
  addEventListener("pagehide", close);
  if (!document.hidden) open();
}
