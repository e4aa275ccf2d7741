// TAP for node suites: one sentence a test, details behind "#".
export class Tap {
  constructor() { this.count = 0; this.failed = 0; }
  ok(passed, name, detail = "") {
    this.count++;
    if (!passed) this.failed++;
    process.stdout.write(`${passed ? "ok" : "not ok"} ${this.count} - ${name}\n`);
    if (!passed && detail) process.stdout.write(String(detail).split("\n").map((l) => `# ${l}\n`).join(""));
  }
  skip(name, why) {
    this.count++;
    process.stdout.write(`ok ${this.count} - ${name} # SKIP ${why}\n`);
  }
  async test(name, run) {
    try {
      await run();
      this.ok(true, name);
    } catch (error) {
      this.ok(false, name, error.stack ?? error);
    }
  }
  end() {
    process.stdout.write(`1..${this.count}\n`);
    process.exitCode = this.failed > 0 || this.count === 0 ? 1 : 0;
  }
}

export function equal(actual, expected, what = "value") {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

export function truth(value, what) {
  if (!value) throw new Error(what);
}
