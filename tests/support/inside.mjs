// What a test sees of a running server from inside: its processes and its database.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";

// One line to the master's control socket, one line back, as fields.
export function control(server, line) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path.join(server.data, "control.sock"));
    let text = "";
    socket.setTimeout(5000, () => socket.destroy(new Error("control.sock does not answer")));
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      text += chunk;
      if (!text.includes("\n")) return;
      socket.destroy();
      resolve(text.split("\n")[0].split("\t"));
    });
    socket.write(`${line}\n`);
  });
}

// {generation, pid, children: [{name, pid, ready}]}
export async function status(server) {
  return JSON.parse((await control(server, "status"))[1]);
}

export const worker = async (server, name) => (await status(server)).children.find((child) => child.name === name);

// The command of a psql that reads its script from the standard input, as the owner of the database or another role. As root the
// cluster's socket is reached as the user it belongs to.
export async function psql(server, role = "copp") {
  const url = (await control(server, "database"))[1].replace("//copp@", `//${role}@`);
  const argv = ["psql", "-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"];
  return process.getuid() === 0 ? ["runuser", "-u", "copp", "--", ...argv] : argv;
}

// Rows of a query as arrays of text.
export async function sql(server, text, role) {
  const [command, ...rest] = await psql(server, role);
  const out = execFileSync(command, rest, { input: text, encoding: "utf8", cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
  return out.split("\n").filter(Boolean).map((line) => line.split("\t"));
}

export const value = async (server, text, role) => (await sql(server, text, role))[0]?.[0];

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

// Every process whose environment or command line names the directory of this server.
export function processesOf(dir) {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).filter((name) => {
    try {
      const text = readFileSync(`/proc/${name}/cmdline`, "utf8") + readFileSync(`/proc/${name}/environ`, "utf8");
      return text.includes(dir) && !/^State:\s*Z/m.test(readFileSync(`/proc/${name}/status`, "utf8"));
    } catch {
      return false;
    }
  }).map(Number);
}
