// The built server as an operator runs it: a process, its data in a directory of its own, and its command line.
import { spawn } from "node:child_process";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const BINARY = process.env.REJOIN_BIN || fileURLToPath(new URL("../../../target/release/rejoin", import.meta.url));

/** Of everything that the process says beside its protocol, so much is kept for the report of a failed test. */
const LOG_CHARS_MAX = 20_000;

/** A directory that exists for one test. */
export const temporary = async (use) => {
  const dir = await mkdtemp(join(tmpdir(), "rejoin-e2e-"));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** A running `rejoin …`. */
class Process {
  constructor(args, dir, binary) {
    this.child = spawn(binary, args, { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
    this.ended = once(this.child, "exit");
    this.log = "";
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.log = (this.log + text).slice(-LOG_CHARS_MAX)));
    this.lines = createInterface({ input: this.child.stdout });
    // A worker that dies takes its servers with it.
    this.onExit = () => this.child.kill("SIGKILL");
    process.on("exit", this.onExit);
    this.ended.finally(() => process.off("exit", this.onExit));
  }

  /** Reads lines until `found(all so far)` gives something. */
  async until(found) {
    let text = "";
    for await (const line of this.lines) {
      text += line + "\n";
      const answer = found(text);
      if (answer) return answer;
    }
    throw Error(`the server ended without being ready: ${text}${this.log}`);
  }

  async end(signal) {
    this.child.kill(signal);
    await this.ended;
  }
}

/** `rejoin serve` with the site `demo` on `127.0.0.1`. */
export class Server {
  /** `publicUrl`: how browsers reach it, where that is not its own address. */
  constructor(dir, { publicUrl, binary = BINARY } = {}) {
    Object.assign(this, { dir, publicUrl, binary, address: "127.0.0.1:0", log: "" });
  }

  /** Starts it, the second time on the same port as the first. */
  async start() {
    const args = ["serve", "--data", join(this.dir, "data"), "--listen", this.address];
    if (this.publicUrl) args.push("--public-url", this.publicUrl);
    this.process = new Process(args, this.dir, this.binary);
    const ready = (text) => text.match(/^listening on http:\/\/(\S+)$/m);
    this.address = (await this.process.until(ready))[1];
  }

  /** Where browsers find it. */
  get url() {
    return this.publicUrl ?? `http://${this.address}`;
  }

  /** As when the power goes: nothing more is written, nobody is told. */
  async kill() {
    await this.end("SIGKILL");
  }

  /** As an operator stops it. */
  async stop() {
    await this.end("SIGTERM");
  }

  async end(signal) {
    await this.process?.end(signal);
    this.log += this.process?.log ?? "";
    this.process = undefined;
  }

  /** Runs `rejoin ARGS` on the same data and returns what it prints; throws where it fails. */
  async command(...args) {
    const { stdout } = await promisify(execFile)(this.binary, [...args, "--data", join(this.dir, "data")], { cwd: this.dir });
    return stdout.trim();
  }

  /** Lets a shop embed the site. */
  allow = (origin) => this.command("site", "add", "demo", "--origin", origin);

  /** Adds an agent; a link to sign in with. */
  agent = (name) => this.command("agent", "add", `${name.split(" ")[0].toLowerCase()}@example.com`, "--site", "demo", "--name", name);
}

/** `rejoin demo`: the server, the sample shop and two agents. */
export class Demo {
  constructor(dir) {
    this.dir = dir;
  }

  async start() {
    const args = ["demo", "--data", join(this.dir, "demo"), "--listen", "127.0.0.1:0"];
    this.process = new Process(args, this.dir, BINARY);
    const furnished = (text) => text.includes("Stop with") && [...text.matchAll(/http:\/\/\S+/g)].map(String);
    [this.shop, ...this.links] = await this.process.until(furnished);
  }

  stop = () => this.process.end("SIGTERM");
}
