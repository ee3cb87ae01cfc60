// The network between browsers and the server: connections pass through here, and a test may cut them, hold back what the server
// says, or let only pages through and no chat. What the browser sees is what a failing network shows it, no pretence of ours.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Cable {
  constructor() {
    this.lines = new Set();
    this.isCut = false;
    this.held = undefined;
  }

  async start() {
    this.listener = createServer((client) => this.accept(client)).listen(0, "127.0.0.1");
    await once(this.listener, "listening");
    this.url = `http://127.0.0.1:${this.listener.address().port}`;
  }

  /** Where the server listens: `HOST:PORT`. */
  to(address) {
    const [host, port] = address.split(":");
    this.target = { host, port: Number(port) };
  }

  async stop() {
    this.lines.forEach((line) => line.destroy());
    this.listener.close();
    await once(this.listener, "close");
  }

  /** Ends the chat's connections and lets no new one through; pages and their files still arrive. */
  cut() {
    this.isCut = true;
    for (const line of this.lines) if (line.isChat) line.destroy();
    this.held = undefined;
  }

  /** Undoes `cut`. */
  mend() {
    this.isCut = false;
  }

  /** From now on nothing that the server says arrives; what browsers say still does. */
  hold() {
    this.held = [];
  }

  /** What was held back arrives, and all that follows. */
  release() {
    const held = this.held;
    this.held = undefined;
    for (const [client, bytes] of held) client.write(bytes);
  }

  accept(client) {
    const server = connect(this.target);
    this.lines.add(client);
    client.once("data", (bytes) => {
      client.isChat = bytes.toString("latin1").startsWith("GET /v1/ws ");
      if (client.isChat && this.isCut) return client.destroy();
      server.write(bytes);
      client.on("data", (more) => server.write(more));
    });
    server.on("data", (bytes) => {
      if (this.held) this.held.push([client, bytes]);
      else client.write(bytes);
    });
    // A reset on one side, which is what a killed server or a closed tab is, ends the other.
    for (const end of [client, server]) end.on("error", () => end.destroy());
    client.on("close", () => server.destroy());
    client.on("end", () => server.end());
    server.on("close", () => {
      this.lines.delete(client);
      client.destroy();
    });
  }
}
