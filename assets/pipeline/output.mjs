// Collects the built files under their hashed names and writes them at once: a reader of `out` never sees half a build.
import { createHash } from "node:crypto";
import { readFile, readdir, mkdir, writeFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const TEXT = new Set([".css", ".js", ".svg", ".json"]);

/** Hash of all that decides the result: sources, lock file, subsetter, Node's compressors. */
export async function inputHash(root, subsetter) {
  const hash = createHash("sha256");
  hash.update(`${subsetter}|${process.versions.zlib}|${process.versions.brotli}`);
  hash.update(await readFile(path.join(root, "package-lock.json")));
  for (const file of await filesBelow(path.join(root, "assets"))) {
    if (file.endsWith(".md")) continue;
    hash.update(path.relative(root, file));
    hash.update(await readFile(file));
  }
  return hash.digest("hex");
}

async function filesBelow(dir) {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

export class Output {
  constructor(dir) {
    this.dir = dir;
    this.files = new Map();
    this.manifest = {};
  }

  static async isCurrent(dir, stamp) {
    try {
      await readFile(path.join(dir, "manifest.json"));
      return (await readFile(path.join(dir, ".stamp"), "utf8")) === stamp;
    } catch {
      return false;
    }
  }

  /** Takes a file; returns its hashed name. */
  add(name, content) {
    const bytes = Buffer.from(content);
    const { name: stem, ext } = path.parse(name);
    const hashed = `${stem}.${createHash("sha256").update(bytes).digest("hex").slice(0, 10)}${ext}`;
    this.manifest[name] = hashed;
    this.files.set(hashed, bytes);
    return hashed;
  }

  async write(stamp) {
    const fresh = `${this.dir}.new`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    const sorted = Object.fromEntries(Object.entries(this.manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
    await Promise.all([...this.files].map(([name, bytes]) => writeFile(path.join(fresh, name), bytes)));
    await Promise.all([...this.files].map(([name, bytes]) => writeCompressed(path.join(fresh, name), bytes)));
    await writeFile(path.join(fresh, "manifest.json"), `${JSON.stringify(sorted, null, 1)}\n`);
    await writeFile(path.join(fresh, ".stamp"), stamp);
    await rm(this.dir, { recursive: true, force: true });
    await mkdir(path.dirname(this.dir), { recursive: true });
    await rename(fresh, this.dir);
  }

  summary() {
    const total = [...this.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    return `${this.files.size} files, ${Math.round(total / 1024)} KB`;
  }
}

async function writeCompressed(file, bytes) {
  if (!TEXT.has(path.extname(file))) return;
  const params = {
    [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const [br, gz] = await Promise.all([brotli(bytes, { params }), gzip(bytes, { level: 9 })]);
  if (br.length < bytes.length) await writeFile(`${file}.br`, br);
  if (gz.length < bytes.length) await writeFile(`${file}.gz`, gz);
}
