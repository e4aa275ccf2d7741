// Questions of the board to the server.
import { sendJson } from "../lib/dom.js";

const PAGES = 4; // of 500 lessons: beyond that a grid tells nothing

async function get(url) {
  const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

/** All lessons of the range, page by page. */
export async function loadLessons(query, from, to) {
  const items = [];
  let cursor = null;
  for (let page = 0; page < PAGES; page++) {
    const params = new URLSearchParams(query);
    params.set("from", from);
    params.set("to", to);
    if (cursor) params.set("cursor", cursor);
    const part = await get(`/api/v1/schedule?${params}`);
    items.push(...part.items);
    cursor = part.next_cursor;
    if (!cursor) break;
  }
  return items;
}

export const loadRooms = async (query) => (await get(`/api/v1/schedule/rooms?${query}`)).items;

export const askVerdicts = (lessonId, from, to, roomIds) =>
  sendJson("/api/v1/schedule/verdicts", "POST", { lesson_id: lessonId, from, to, room_ids: roomIds });

export const askPlace = (place, signal) => sendJson("/api/v1/schedule/check", "POST", place, signal);

export const moveLesson = (id, version, place) =>
  sendJson("/api/v1/schedule/changes", "POST", { changes: [{ lesson_id: id, kind: "move", version, ...place }] });

export const draftLesson = (id, place) => sendJson("/api/v1/schedule/draft", "POST", { lesson_id: id, kind: "move", ...place });

export const undo = (commitId) => sendJson(`/api/v1/schedule/changes/${commitId}/undo`, "POST", {});

/** Changes of the draft, each judged together with the others. */
export const loadDraft = async () => (await get("/api/v1/schedule/draft")).items;
