// A shop on `localhost`, which to a browser is another site than the server on `127.0.0.1`: pages that embed the chat as a test
// wants them.
import { once } from "node:events";
import { createServer } from "node:http";

export class ShopServer {
  constructor() {
    /** Attributes of the script tag, without `data-`. */
    this.attributes = {};
    /** The pages' Content-Security-Policy, if any. */
    this.policy = undefined;
    /** The chat server. */
    this.chat = undefined;
  }

  async start() {
    this.http = createServer((request, response) => this.answer(request, response)).listen(0, "127.0.0.1");
    await once(this.http, "listening");
    this.url = `http://localhost:${this.http.address().port}`;
  }

  async stop() {
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, "close");
  }

  answer(request, response) {
    if (request.url === "/favicon.ico") return response.writeHead(204).end();
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (this.policy) response.setHeader("content-security-policy", this.policy);
    response.end(this.page(request.url));
  }

  page(path) {
    const quoted = (text) => String(text).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    const attributes = Object.entries({ site: "demo", ...this.attributes }).map(([name, text]) => ` data-${name}="${quoted(text)}"`);
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>Lamps</title>${this.policy ? "" : "\n<style>body { background: Canvas; color: CanvasText }</style>"}
<script async src="${this.chat}/rejoin.js"${attributes.join("")}></script>
</head>
<body>
<header><nav aria-label="Shop"><a href="/">Lamps</a> <a href="/help">Help</a></nav></header>
<main><h1>${path === "/help" ? "Help" : "Lamps"}</h1><p><button type="button">Buy</button></p></main>
</body>
</html>`;
  }
}
