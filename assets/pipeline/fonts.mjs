// Golos Text and Onest (OFL): variable fonts cut down to what Russian pages use. A first visit loads the first two cuts
// of each; the rest of the ranges stays available in files that a browser fetches only when a page needs such a letter.
// Without pyftsubset (Debian: fonttools, python3-brotli) the files are taken whole: heavier, not broken.
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const FAMILIES = [
  { family: "Golos Text Variable", slug: "golos-text", weight: "400 900" },
  { family: "Onest Variable", slug: "onest", weight: "100 900" },
];
const RUSSIAN = "U+0301,U+0401,U+0410-044F,U+0451,U+2116";
const BASIC = "U+0020-007E,U+00A0,U+00A7,U+00A9,U+00AB,U+00AD,U+00B0,U+00B1,U+00B7,U+00BB,U+00D7,U+2009,U+2010-2015,U+2018-201E,U+2022,U+2026,U+202F,U+2190-2193,U+2212";
const REST_LATIN = "U+00A1-00A6,U+00A8,U+00AA,U+00AC,U+00AE-00AF,U+00B2-00B6,U+00B8-00BA,U+00BC-00D6,U+00D8-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-2008,U+200A-200F,U+2016-2017,U+2020-2021,U+2023-2025,U+2027-202E,U+2030-206F,U+20AC,U+2122,U+2215,U+FEFF,U+FFFD";
const CUTS = [
  { name: "ru", from: "cyrillic", range: RUSSIAN, subset: true },
  { name: "latin", from: "latin", range: BASIC, subset: true },
  { name: "ruble", from: "latin-ext", range: "U+20BD", subset: true },
  { name: "cyrillic", from: "cyrillic", range: "U+0400,U+0402-040F,U+0450,U+0452-045F,U+0490-0491,U+04B0-04B1" },
  { name: "cyrillic-ext", from: "cyrillic-ext", range: "U+0460-048F,U+0492-04AF,U+04B2-052F,U+1C80-1C88,U+20B4,U+2DE0-2DFF,U+A640-A69F,U+FE2E-FE2F" },
  { name: "latin-rest", from: "latin", range: REST_LATIN },
  { name: "latin-ext", from: "latin-ext", range: "U+0100-0130,U+0132-0151,U+0154-02BA,U+20A0-20AB,U+20AD-20B3,U+20B5-20BC,U+20BE-20C0,U+2113" },
];
const FEATURES = "kern,mark,mkmk,ccmp,locl,tnum,lnum,pnum,case,rvrn";

function subsetter() {
  return ["/usr/bin/pyftsubset"].find(existsSync);
}

/** For the stamp: another subsetter gives other bytes. */
export function subsetterVersion() {
  if (!subsetter()) return "none";
  try {
    return execFileSync("/usr/bin/python3", ["-c", "import fontTools, brotli; print(fontTools.version)"], {
      encoding: "utf8", stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "none";
  }
}

export async function buildFonts(root, output) {
  const canSubset = subsetterVersion() !== "none";
  if (!canSubset) console.warn("assets: pyftsubset with brotli is missing, fonts stay whole");
  const temp = await mkdtemp(path.join(os.tmpdir(), "copp-fonts-"));
  try {
    const faces = [];
    for (const family of FAMILIES) {
      for (const cut of CUTS) faces.push(await buildFace(root, output, family, cut, canSubset && temp));
    }
    return faces;
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

async function buildFace(root, output, family, cut, temp) {
  const folder = path.join(root, "node_modules/@fontsource-variable", family.slug, "files");
  const source = path.join(folder, `${family.slug}-${cut.from}-wght-normal.woff2`);
  const bytes = cut.subset && temp ? await subset(source, cut, path.join(temp, "cut.woff2")) : await readFile(source);
  const file = output.add(`${family.slug}-${cut.name}.woff2`, bytes);
  return { family: family.family, weight: family.weight, range: cut.range, file };
}

async function subset(source, cut, target) {
  execFileSync(subsetter(), [
    source, `--unicodes=${cut.range}`, `--layout-features=${FEATURES}`, "--flavor=woff2", "--no-hinting",
    "--desubroutinize", "--name-IDs=1,2,13,14", `--output-file=${target}`,
  ], { stdio: ["ignore", "ignore", "pipe"] });
  return readFile(target);
}
