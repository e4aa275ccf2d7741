// assets/contrast.mjs [brand.css] - checks that text and controls stay readable with a palette: light, dark and the four
// schemes of the version for weak-sighted. Exit 1 names the failing pairs. A region runs it on its own brand.css.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const TEXT = 4.5;
const CONTROL = 3;
const PAIRS = [
  ...["ink", "ink-2", "ink-3"].flatMap((ink) => ["surface", "bg", "surface-2", "surface-3"].map((on) => [ink, on, TEXT])),
  ["on-brand", "brand", TEXT], ["on-brand", "brand-hover", TEXT], ["on-brand", "brand-active", TEXT],
  ["brand-ink", "brand-soft", TEXT], ["brand-ink", "surface", TEXT], ["link", "surface", TEXT], ["link", "bg", TEXT],
  ["link-hover", "surface", TEXT], ["line-ctl", "surface", CONTROL], ["focus", "surface", CONTROL], ["brand", "surface", CONTROL],
  ...["ok", "warn", "bad", "info", "vio", "neu", "teal", "orange", "pink"].map((tone) => [`${tone}-fg`, `${tone}-bg`, TEXT]),
  ...["ok", "warn", "bad", "info", "vio"].map((tone) => [tone, "surface", CONTROL]),
  ["bad-fg", "surface", TEXT], ["ok-fg", "surface", TEXT],
  ...["c1", "c2", "c3", "c4", "c5", "c6"].map((chart) => [chart, "surface", CONTROL]),
  ["foot-ink", "foot-bg", TEXT], ["foot-link", "foot-bg", TEXT], ["hero-ink-2", "hero-to", TEXT], ["bar-ink", "bar-bg", TEXT],
  ["bar-link", "bar-bg", TEXT], ["cta-ink-2", "cta-to", TEXT], ["on-esia", "esia", TEXT],
];
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
const sources = [here("css/tokens.css"), process.argv[2] ?? here("css/brand.css"), here("css/a11y/vi-schemes.css")];
const sheets = sources.map((file) => readBlocks(readFileSync(file, "utf8")));
let checked = 0;
let failed = 0;
for (const [mode, selectors] of Object.entries(MODES)) {
  const tokens = Object.assign({}, ...selectors.flatMap((selector) => sheets.map((sheet) => sheet[selector] ?? {})));
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
