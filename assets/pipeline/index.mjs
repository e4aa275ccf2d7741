// The order of work: fonts and icons first, because CSS names their hashed files; then CSS and JS; then publishing.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { buildFonts, subsetterVersion } from "./fonts.mjs";
import { buildIcons } from "./icons.mjs";
import { buildStyles } from "./styles.mjs";
import { buildScripts } from "./scripts.mjs";
import { facts } from "../contrast.mjs";
import { Output, inputHash } from "./output.mjs";

export async function build({ root, out, force }) {
  const started = Date.now();
  const stamp = await inputHash(root, subsetterVersion());
  if (!force && (await Output.isCurrent(out, stamp))) {
    console.log(`assets: up to date (${Date.now() - started} ms)`);
    return;
  }
  const output = new Output(out);
  const faces = await buildFonts(root, output);
  await buildIcons(root, output);
  for (const name of ["logo.svg", "logo-mono.svg", "favicon.svg"]) {
    output.add(name, await readFile(path.join(root, "assets", "img", name)));
  }
  output.add("contrast.json", Buffer.from(JSON.stringify(facts())));
  await buildStyles(root, output, faces);
  await buildScripts(root, output);
  await output.write(stamp);
  console.log(`assets: ${output.summary()} in ${Date.now() - started} ms -> ${path.relative(process.cwd(), out)}`);
}
