// Bundles of own ES modules, one per entry, and htmx with its CSP extension. No eval, no run-time imports.
import * as esbuild from "esbuild";
import { readFile } from "node:fs/promises";
import path from "node:path";

const ENTRIES = ["app", "form", "table", "journal", "schedule", "board", "catalogue", "editor", "rules"];

export async function buildScripts(root, output) {
  for (const name of ENTRIES) {
    const result = await esbuild.build({
      entryPoints: [path.join(root, "assets/js", `${name}.js`)],
      bundle: true,
      minify: true,
      format: "iife",
      target: ["chrome111", "firefox115", "safari16.4"],
      charset: "utf8",
      legalComments: "none",
      write: false,
    });
    output.add(`${name}.js`, result.outputFiles[0].contents);
  }
  const dist = path.join(root, "node_modules/htmx.org/dist");
  const parts = [path.join(dist, "htmx.min.js"), path.join(dist, "ext/hx-csp.min.js")];
  const texts = await Promise.all(parts.map((file) => readFile(file, "utf8")));
  output.add("htmx.js", texts.map((text) => text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "")).join(";\n"));
}
