// One SVG sprite of the Tabler outline icons named in assets/icons.txt; used as <use href="icons.svg#home">.
import { readFile } from "node:fs/promises";
import path from "node:path";

export async function buildIcons(root, output) {
  const list = await readFile(path.join(root, "assets", "icons.txt"), "utf8");
  const names = [...new Set(list.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean))].sort();
  const symbols = await Promise.all(names.map((name) => symbol(root, name)));
  output.add("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function symbol(root, name) {
  const file = path.join(root, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
  let text;
  try {
    text = await readFile(file, "utf8");
  } catch {
    throw new Error(`assets/icons.txt: no icon "${name}" in @tabler/icons`);
  }
  const body = text
    .replace(/<!--[^]*?-->/g, "")
    .replace(/^[^]*?<svg[^>]*>|<\/svg>\s*$/g, "")
    .replace(/\s*\n\s*/g, "")
    .replace(/ \/>/g, "/>");
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
}
