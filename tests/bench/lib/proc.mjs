// What the kernel says of processes: who belongs to whom, CPU, memory, who listens.
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

const TICK_MS = 10; // USER_HZ is 100 on every Linux that Debian makes

function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid: Number(pid), parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, t) => sum + Number(t), 0) };
  } catch {
    return null; // it has gone
  }
}

// The process and all its descendants.
export function tree(root) {
  const all = readdirSync("/proc").filter((n) => /^\d+$/.test(n)).map(readStat).filter(Boolean);
  const members = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of all) {
      if (members.has(parent) && !members.has(pid)) grown = members.add(pid) && true;
    }
  }
  return all.filter(({ pid }) => members.has(pid));
}

// Milliseconds of CPU, user and system, of a process tree, dead children included: a parent's
// figures contain those of the children that it has waited for.
export function cpuMs(root) {
  return tree(root).reduce((sum, { ticks }) => sum + ticks, 0) * TICK_MS;
}

export function rssKb(root) {
  let sum = 0;
  for (const { pid } of tree(root)) {
    try {
      sum += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    } catch { /* it has gone */ }
  }
  return sum;
}

function listeningInodes(port) {
  const inodes = new Set();
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"].filter(existsSync)) {
    for (const line of readFileSync(file, "utf8").split("\n").slice(1)) {
      const f = line.trim().split(/\s+/);
      if (f[3] === "0A" && parseInt(f[1].split(":").at(-1), 16) === port) inodes.add(f[9]);
    }
  }
  return inodes;
}

function socketsOf(pid) {
  const found = [];
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode) found.push(inode);
    } catch { /* closed meanwhile */ }
  }
  return found;
}

// Is every socket that listens on the port held by this process tree (and is there one)?
export function ownsPort(root, port) {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return false;
  const ours = new Set(tree(root).flatMap(({ pid }) => socketsOf(pid)));
  return [...inodes].every((inode) => ours.has(inode));
}
