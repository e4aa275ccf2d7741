// assets/contrast.mjs [brand.css] - checks that text and controls stay readable with a palette: light, dark and the four
// schemes of the version for weak-sighted. Exit 1 names the failing pairs. A region runs it on its own brand.css.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Front, back, least ratio (4.5 text, 3 controls): the one list, also for the brand page (lua/domain/brand).
export const PAIRS = JSON.parse(readFileSync(new URL("contrast.json", import.meta.url), "utf8"));
const MODES = {
  light: [":root"],
  dark: [":root", '[data-bs-theme="dark"]'],
  bw: [":root", "html[data-vi]"],
  wb: [":root", "html[data-vi]", 'html[data-vi="wb"]'],
  bb: [":root", "html[data-vi]", 'html[data-vi="bb"]'],
  by: [":root", "html[data-vi]", 'html[data-vi="by"]'],
};

/** Custom properties by selector, in order of appearance. */
function readBlocks(css) {
  const blocks = {};
  for (const [, selector, body] of css.replace(/\/\*[^]*?\*\//g, "").matchAll(/([^{};]+)\{([^{}]*)\}/g)) {
    const found = (blocks[selector.trim()] ??= {});
    for (const [, name, value] of body.matchAll(/--([\w-]+):\s*([^;]+);/g)) found[name] = value.replace("!important", "").trim();
  }
  return blocks;
}

function resolve(tokens, name, depth = 0) {
  const value = tokens[name];
  if (!value || depth > 9) throw new Error(`--${name} is not set`);
  const link = /^var\(--([\w-]+)\)$/.exec(value);
  return link ? resolve(tokens, link[1], depth + 1) : value;
}

function luminance(colour) {
  const hex = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(colour)?.[1];
  if (!hex) throw new Error(`${colour} is not a #hex colour`);
  const wide = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
  const [r, g, b] = [0, 2, 4].map((at) => {
    const part = parseInt(wide.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function ratio(one, two) {
  const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

function sheetsOf(brand) {
  const sources = [here("css/tokens.css"), brand ?? here("css/brand.css"), here("css/a11y/vi-schemes.css")];
  return sources.map((file) => readBlocks(readFileSync(file, "utf8")));
}

const tokensOf = (sheets, mode) =>
  Object.assign({}, ...MODES[mode].flatMap((selector) => sheets.map((sheet) => sheet[selector] ?? {})));

/** Pairs and the tokens of both themes as written, for the server, which checks a palette before it is published. */
export function facts() {
  const sheets = sheetsOf();
  return { pairs: PAIRS, light: tokensOf(sheets, "light"), dark: tokensOf(sheets, "dark") };
}

function main() {
  const sheets = sheetsOf(process.argv[2]);
  let checked = 0;
  let failed = 0;
  for (const mode of Object.keys(MODES)) {
    const tokens = tokensOf(sheets, mode);
    for (const [front, back, least] of PAIRS) {
      const found = ratio(resolve(tokens, front), resolve(tokens, back));
      checked++;
      if (found >= least) continue;
      failed++;
      console.error(`${mode}: --${front} on --${back} is ${found.toFixed(2)}, needs ${least}`);
    }
  }
  console.log(`contrast: ${checked} pairs, ${failed} too weak`);
  process.exit(failed > 0 ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
