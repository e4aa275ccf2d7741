// The dispatcher's board: a grid over the lists of the page. What may be where is said by the server; here it is shown.
import { startBoard } from "./board/grid.js";

const root = document.querySelector("[data-board]");
if (root) startBoard(root);
