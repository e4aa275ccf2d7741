// app.css = Bootstrap subset in @layer vendor + own files in their layers; brand.css stays apart: a region replaces it.
import * as esbuild from "esbuild";
import * as sass from "sass";
import path from "node:path";

export async function buildStyles(root, output, faces) {
  const css = path.join(root, "assets/css");
  const vendor = sass.compile(path.join(css, "vendor.scss"), {
    loadPaths: [path.join(root, "node_modules")],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
    logger: sass.Logger.silent,
  }).css;
  const virtual = { "virtual:vendor": vendor, "virtual:fonts": fontFaces(faces) };
  output.add("app.css", await bundle(path.join(css, "app.css"), virtual));
  output.add("board.css", await bundle(path.join(css, "board.css"), virtual));
  output.add("brand.css", await bundle(path.join(css, "brand.css"), virtual));
}

async function bundle(entry, virtual) {
  const result = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    target: ["chrome111", "firefox115", "safari16.4"],
    charset: "utf8",
    legalComments: "none",
    external: ["*.woff2"],
    write: false,
    plugins: [virtualFiles(virtual)],
  });
  return result.outputFiles[0].contents;
}

function virtualFiles(virtual) {
  return {
    name: "virtual",
    setup(build) {
      build.onResolve({ filter: /^virtual:/ }, (args) => ({ path: args.path, namespace: "virtual" }));
      build.onLoad({ filter: /.*/, namespace: "virtual" }, (args) => ({ contents: virtual[args.path], loader: "css" }));
    },
  };
}

function fontFaces(faces) {
  return faces
    .map(
      (face) => `@font-face{font-family:"${face.family}";font-weight:${face.weight};font-display:swap;` +
        `src:url(./${face.file}) format("woff2");unicode-range:${face.range}}`,
    )
    .join("\n");
}
