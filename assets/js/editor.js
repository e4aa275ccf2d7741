// Editors of pages and menus. Parts are moved by a grip (mouse), by their buttons (keyboard and touch) without a reload; rich text is
// Quill over a textarea. Without us the buttons submit and the textareas hold plain HTML.
import { startSorting } from "./lib/sorting.js";
import { startRichText } from "./lib/rich.js";

// Whatever button is pressed, the form goes to the server as it stands: nothing is lost.
document.addEventListener("submit", (event) => event.target.matches("form[data-editor]") && delete event.target.dataset.changed);
startSorting();
startRichText();
