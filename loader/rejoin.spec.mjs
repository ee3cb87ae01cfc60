// The loader in a real browser, against an app that only writes down what it is asked for: the loader's half of the contract.
// Nothing is built and no server runs; every address is answered here.
import { readFile } from "node:fs/promises";
import { expect, test as base } from "@playwright/test";

const SHOP = "https://shop.test";
const CHAT = "https://chat.test";
const POLICY =
  `default-src 'none'; script-src ${CHAT} 'wasm-unsafe-eval'; connect-src ${CHAT}; style-src 'none'; ` +
  "require-trusted-types-for 'script'; trusted-types 'none'";
const EMPTY_WASM = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const APP = `
const log = (globalThis.appLog ||= []);
export default async ({ module_or_path }) => { await WebAssembly.instantiateStreaming(await module_or_path); log.push("init"); };
export const mount = (element, json, emit) => {
  const panel = document.createElement("section");
  panel.id = "rj-panel";
  panel.hidden = true;
  const input = document.createElement("input");
  panel.append(input);
  const app = document.createElement("div");
  app.className = "rj-app";
  app.append(panel);
  element.shadowRoot.append(app);
  log.push("mount " + json);
  const show = (open) => {
    if (panel.hidden !== open) return;
    panel.hidden = !open;
    if (open) input.focus();
    emit(open ? "open" : "close");
  };
  globalThis.appEmit = emit;
  emit("ready");
  if (JSON.parse(json).open) show(true);
  return {
    open() { log.push("open"); show(true); },
    close() { log.push("close"); show(false); },
    update(json) { log.push("update " + json); },
    destroy() { log.push("destroy"); app.remove(); },
  };
};`;

/** A page under SHOP, the loader and the app under CHAT. `fail` holds paths that do not answer; `asked` what was asked for. */
class Stage {
  constructor(page, source) {
    Object.assign(this, { page, source, fail: new Set(), asked: [], console: [], policy: POLICY, html: "", delay: Promise.resolve() });
    page.on("console", (message) => this.console.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => this.console.push(`uncaught: ${error}`));
  }

  async open(body = "", { tag = 'data-site="demo"', head = "", policy = this.policy } = {}) {
    await this.page.route("**/*", (route) => this.answer(route));
    const script = tag === null ? "" : `<script async src="${CHAT}/rejoin.js" ${tag}></script>`;
    this.html = `<!doctype html><html lang="en"><title>Shop</title>${head}<body>${body}${script}`;
    this.policy = policy;
    await this.page.goto(`${SHOP}/`);
    if (tag !== null) await this.page.waitForFunction(() => customElements.get("rejoin-chat"));
  }

  async answer(route) {
    const url = new URL(route.request().url());
    this.asked.push(url.pathname);
    if (this.fail.has(url.pathname)) return route.abort();
    const headers = { "access-control-allow-origin": "*" };
    const say = (contentType, body) => route.fulfill({ headers, contentType, body });
    if (url.origin === SHOP) return route.fulfill({ headers: { "content-security-policy": this.policy }, contentType: "text/html", body: this.html });
    if (url.pathname === "/rejoin.js") return say("text/javascript; charset=utf-8", this.source);
    await this.delay;
    return url.pathname.endsWith(".wasm") ? say("application/wasm", EMPTY_WASM) : say("text/javascript", APP);
  }

  log = () => this.page.evaluate(() => globalThis.appLog ?? []);
  mounts = async () => (await this.log()).filter((line) => line.startsWith("mount")).map((line) => JSON.parse(line.slice(6)));
  launcher = (name = /chat/i) => this.page.getByRole("button", { name });
  accent = (property) => this.page.evaluate((p) => getComputedStyle(document.querySelector("rejoin-chat")).getPropertyValue(p), property);
}

const test = base.extend({
  stage: async ({ page }, use) => {
    const source = await readFile(new URL("rejoin.js", import.meta.url), "utf8");
    await use(new Stage(page, source.replaceAll("__REJOIN_APP__", '{ js: "/app.js", wasm: "/app.wasm" }')));
  },
});

test("a page that nobody chats on pays for the loader alone", async ({ stage }) => {
  await stage.open();
  await expect(stage.launcher("Open chat")).toBeVisible();
  await expect(stage.launcher()).toHaveAttribute("aria-expanded", "false");
  await expect(stage.launcher()).toHaveAttribute("aria-controls", "rj-panel");
  expect(stage.asked.filter((path) => path !== "/favicon.ico")).toEqual(["/", "/rejoin.js"]);
  expect(await stage.page.evaluate(() => Object.keys(localStorage).length)).toBe(0);
});

test("intent brings the code, the click the chat", async ({ stage }) => {
  await stage.open();
  await stage.launcher().hover();
  await expect.poll(stage.log).toEqual(["init"]);
  await stage.launcher().click();
  await expect(stage.launcher("Close chat")).toHaveAttribute("aria-expanded", "true");
  expect(await stage.mounts()).toEqual([{ server: CHAT, open: true, site: "demo" }]);
  expect(stage.asked.filter((path) => path.startsWith("/app"))).toHaveLength(2);
  expect(stage.console).toEqual([]);
});

test("by keyboard: Enter opens, and closing gives focus back", async ({ stage }) => {
  await stage.open('<a href="#">first</a>');
  await stage.page.keyboard.press("Tab");
  await stage.page.keyboard.press("Tab");
  await expect(stage.launcher()).toBeFocused();
  await stage.page.keyboard.press("Enter");
  await expect(stage.page.locator("#rj-panel input")).toBeFocused();
  await stage.page.evaluate(() => Rejoin.close());
  await expect(stage.launcher("Open chat")).toBeFocused();
});

test("closing from elsewhere leaves focus where it is", async ({ stage }) => {
  await stage.open("<button>Buy</button>");
  await stage.launcher().click();
  await expect(stage.page.locator("#rj-panel input")).toBeFocused();
  await stage.page.getByRole("button", { name: "Buy" }).focus();
  await stage.page.evaluate(() => Rejoin.close());
  await expect(stage.launcher("Open chat")).toBeVisible();
  await expect(stage.page.getByRole("button", { name: "Buy" })).toBeFocused();
});

test("attributes become settings, and changes apply at once", async ({ stage }) => {
  await stage.open("", { tag: 'data-site="demo" data-heading="Ask us" data-greeting="" data-locale="de-CH" data-position="bottom-left" data-open' });
  await expect(stage.launcher("Close chat")).toBeVisible();
  const settings = { server: CHAT, open: true, site: "demo", heading: "Ask us", greeting: "", locale: "de-CH", position: "bottom-left" };
  expect(await stage.mounts()).toEqual([settings]);
  await stage.page.evaluate(() => {
    const chat = document.querySelector("rejoin-chat");
    chat.setAttribute("heading", "Help");
    chat.removeAttribute("greeting");
  });
  const { greeting: _, ...rest } = settings;
  const updates = async () => (await stage.log()).filter((line) => line.startsWith("update")).map((line) => JSON.parse(line.slice(7)));
  await expect.poll(updates).toEqual([{ ...rest, heading: "Help" }]);
});

test("another site is another chat", async ({ stage }) => {
  await stage.open();
  await stage.launcher().click();
  await expect(stage.launcher("Close chat")).toBeVisible();
  await stage.page.evaluate(() => document.querySelector("rejoin-chat").setAttribute("site", "other"));
  await expect.poll(async () => (await stage.mounts()).map((settings) => settings.site)).toEqual(["demo", "other"]);
  expect(await stage.log()).toContain("destroy");
  await expect(stage.launcher("Close chat")).toBeVisible();
});

test("the accent is any colour, and words on it can be read", async ({ stage }) => {
  await stage.open("", { head: "" });
  const both = async (color) => {
    await stage.page.evaluate((value) => document.querySelector("rejoin-chat").setAttribute("color", value), color);
    return [await stage.accent("--rj-accent"), await stage.accent("--rj-on-accent")];
  };
  expect(await both("#ffd400")).toEqual(["rgb(255,212,0)", "#000"]);
  expect(await both("navy")).toEqual(["rgb(0,0,128)", "#fff"]);
  expect(await both("hsl(0 0% 100%)")).toEqual(["rgb(255,255,255)", "#000"]);
  expect(await both("oklch(40% 0.1 250)")).toEqual(["rgb(18,74,123)", "#fff"]);
  expect(await both("rgb(10 20 30 / 50%)")).toEqual(["rgb(10,20,30)", "#fff"]);
  await stage.page.evaluate(() => document.documentElement.style.setProperty("--brand", "#0a7"));
  expect(await both("var(--brand)")).toEqual(["rgb(0,170,119)", "#000"]);
  expect(await both("bleu")).toEqual(["rgb(53,82,216)", "#fff"]);
  expect(stage.console).toEqual(['warning: Rejoin: color="bleu" is not valid']);
});

test("what is misspelt is said once, with the right name", async ({ stage }) => {
  await stage.open('<rejoin-chat site="demo" headng="x" class="a" data-v-123 color=""></rejoin-chat>', {
    tag: 'data-site="demo" data-colour="red" data-theme="drk" data-locale="?" data-foo="1" data-cfasync="false" data-nscript="x"',
  });
  await expect(stage.launcher()).toHaveCount(2);
  await stage.page.evaluate(() => document.querySelectorAll("rejoin-chat").forEach((chat) => chat.setAttribute("heading", "again")));
  await expect.poll(() => stage.console.length).toBe(5);
  const known = "site, heading, greeting, color, theme, position, locale, open, launcher-text, mode";
  expect(stage.console.sort()).toEqual([
    'warning: Rejoin: data-colour is not known; did you mean data-color?',
    `warning: Rejoin: data-foo is not known; use one of ${known}`,
    'warning: Rejoin: headng is not known; did you mean heading?',
    'warning: Rejoin: locale="?" is not valid',
    'warning: Rejoin: theme="drk" is not known; did you mean dark?',
  ]);
});

test("a site that cannot be a site's name shows nothing and says so", async ({ stage }) => {
  await stage.open("", { tag: 'data-site="My Shop"' });
  await expect.poll(() => stage.console).toEqual(['warning: Rejoin: site="My Shop" is not valid', 'warning: Rejoin: <rejoin-chat> needs site="…"']);
  await expect(stage.launcher()).toHaveCount(0);
  await stage.page.evaluate(() => Rejoin.open());
  await stage.page.evaluate(() => document.querySelector("rejoin-chat").setAttribute("site", "my-shop"));
  await expect(stage.launcher("Close chat")).toBeVisible();
});

test("moving the element does not restart the chat; removing it ends the app", async ({ stage }) => {
  await stage.open('<main></main><aside></aside><rejoin-chat site="demo"></rejoin-chat>', { tag: "" });
  await stage.launcher().click();
  await expect(stage.launcher("Close chat")).toBeVisible();
  await stage.page.evaluate(async () => {
    const chat = document.querySelector("rejoin-chat");
    for (let i = 0; i < 50; i++) {
      document.querySelector(i % 2 ? "main" : "aside").append(chat);
      if (i % 5 === 0) chat.remove();
      if (i % 10 === 0) await null;
    }
    document.body.append(chat);
    await new Promise((done) => setTimeout(done, 120));
  });
  expect((await stage.log()).filter((line) => /mount|destroy/.test(line))).toHaveLength(1);
  await expect(stage.launcher("Close chat")).toBeVisible();

  await stage.page.evaluate(() => (globalThis.kept = document.querySelector("rejoin-chat")).remove());
  await expect.poll(stage.log).toContain("destroy");
  expect(await stage.page.evaluate(() => globalThis.kept.shadowRoot.querySelector(".rj-app"))).toBeNull();
  await stage.page.evaluate(() => {
    globalThis.kept.removeAttribute("open");
    document.body.append(globalThis.kept);
  });
  await stage.launcher("Open chat").click();
  await expect(stage.launcher("Close chat")).toBeVisible();
  expect(await stage.mounts()).toHaveLength(2);
});

test("removed while the app is on its way, nothing is mounted", async ({ stage }) => {
  await stage.open();
  let go;
  stage.delay = new Promise((done) => (go = done));
  await stage.launcher().click();
  await stage.page.evaluate(() => Rejoin.destroy());
  go();
  await expect.poll(stage.log).toEqual(["init"]);
  await stage.page.evaluate(() => new Promise((done) => setTimeout(done, 60)));
  expect(await stage.log()).toEqual(["init"]);
  await expect(stage.launcher()).toHaveCount(0);
  expect(stage.console).toEqual([]);
});

test("loaded twice, it is there once, and the later tag's attributes count", async ({ stage }) => {
  await stage.open(`<script src="${CHAT}/rejoin.js" data-site="demo" data-launcher-text="Old"></script>`, { tag: 'data-site="demo" data-launcher-text="New"' });
  await expect(stage.launcher("New, Open chat")).toBeVisible();
  await expect(stage.launcher()).toHaveCount(1);
  await stage.page.evaluate(() => Rejoin.open());
  await expect(stage.launcher("Close chat")).toBeVisible();
  expect(await stage.mounts()).toHaveLength(1);
});

test("a router that replaces the body does not take the chat away", async ({ stage }) => {
  await stage.open("<p>one</p>");
  await stage.launcher().click();
  await expect(stage.launcher("Close chat")).toBeVisible();
  await stage.page.evaluate(() => document.body.replaceWith(document.createElement("body")));
  await expect(stage.launcher("Close chat")).toBeVisible();
  expect(await stage.log()).not.toContain("destroy");
});

test("two elements are two chats", async ({ stage }) => {
  await stage.open('<rejoin-chat site="a" launcher-text="One"></rejoin-chat><rejoin-chat site="b" launcher-text="Two" position="bottom-left"></rejoin-chat>', { tag: "" });
  await stage.launcher(/One/).click();
  await expect(stage.launcher("Close chat")).toBeVisible();
  await stage.launcher(/Two/).click();
  await expect(stage.launcher("Close chat")).toHaveCount(2);
  expect((await stage.mounts()).map((settings) => settings.site)).toEqual(["a", "b"]);
  await stage.page.evaluate(() => document.querySelector("rejoin-chat").remove());
  await expect(stage.launcher("Close chat")).toHaveCount(1);
});

test("calls made early wait, listeners hear, and undo ends it", async ({ stage }) => {
  await stage.open("", { tag: "" });
  await stage.page.evaluate(() => {
    globalThis.heard = [];
    globalThis.undo = Rejoin.on("unread", (detail) => heard.push(detail.count));
    Rejoin.on("open", () => heard.push("open"));
    Rejoin.on("opn", () => {});
    globalThis.ready = Rejoin.whenReady().then(() => heard.push("ready"));
    Rejoin.open();
    addEventListener("message", () => heard.push("a message of the window"));
  });
  await stage.page.evaluate(() => {
    const chat = document.createElement("rejoin-chat");
    chat.addEventListener("unread", (event) => heard.push("element " + event.detail.count));
    document.body.append(chat);
    chat.setAttribute("site", "demo");
  });
  await expect(stage.launcher("Close chat")).toBeVisible();
  await stage.page.evaluate(async () => {
    await ready;
    appEmit("message", { direction: "in" });
    appEmit("unread", { count: 3 });
    undo();
    appEmit("unread", { count: 4 });
  });
  expect(await stage.page.evaluate(() => heard)).toEqual(["open", "ready", "element 3", 3, "element 4"]);
  await expect(stage.launcher("Close chat, 4 unread")).toContainText("4");
  expect(stage.console).toEqual(['warning: Rejoin: event "opn" is not known; did you mean open?']);
  expect(await stage.page.evaluate(() => document.querySelector("rejoin-chat").hasAttribute("open"))).toBe(true);
  await stage.page.evaluate(() => document.querySelector("rejoin-chat").removeAttribute("open"));
  await expect(stage.launcher("Open chat, 4 unread")).toBeVisible();
});

test("a browser that holds a thread looks for unread messages when idle", async ({ stage }) => {
  await stage.page.addInitScript((key) => location.origin === "null" || localStorage.setItem(key, "1"), `rejoin:${CHAT}:demo`);
  await stage.open();
  await expect.poll(stage.mounts).toEqual([{ server: CHAT, open: false, site: "demo" }]);
  await stage.page.evaluate(() => appEmit("unread", { count: 120 }));
  await expect(stage.launcher("Open chat, 120 unread")).toContainText("99+");
});

test("storage that throws is no obstacle", async ({ stage }) => {
  await stage.page.addInitScript(() => Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } }));
  await stage.open();
  await stage.launcher().click();
  await expect(stage.launcher("Close chat")).toBeVisible();
  expect(stage.console).toEqual([]);
});

test("a slow start shows the ring, then words; impatient clicks do no harm", async ({ stage }) => {
  await stage.open();
  let go;
  stage.delay = new Promise((done) => (go = done));
  await stage.launcher().dblclick();
  await stage.launcher().click();
  await expect(stage.launcher()).toHaveAttribute("aria-busy", "true");
  await expect(stage.page.getByRole("status")).toHaveText("Opening chat…");
  await expect(stage.launcher("Opening chat…")).toBeVisible();
  go();
  await expect(stage.launcher("Close chat")).toHaveAttribute("aria-busy", "false");
  expect(await stage.mounts()).toHaveLength(1);
});

for (const [path, what] of [["/app.js", "the module"], ["/app.wasm", "the WASM"]]) {
  test(`when ${what} does not come, words say so and a click tries again`, async ({ stage }) => {
    await stage.open();
    stage.fail.add(path);
    await stage.launcher().click();
    await expect(stage.launcher("Chat could not start. Try again")).toBeVisible();
    await expect(stage.page.getByRole("status")).toHaveText("Chat could not start. Try again");
    const errors = stage.console.filter((line) => line.includes("Rejoin"));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(`error: Rejoin could not start: ${CHAT}${path} failed`);
    stage.fail.clear();
    await stage.launcher().click();
    await expect(stage.launcher("Close chat")).toBeVisible();
  });
}

for (const [missing, policy, words] of [
  ["WebAssembly", POLICY.replace(" 'wasm-unsafe-eval'", ""), "lacks 'wasm-unsafe-eval' in script-src"],
  ["fetching", POLICY.replace(`connect-src ${CHAT}`, "connect-src 'none'"), `lacks ${CHAT} in connect-src`],
  ["importing", POLICY.replace(`script-src ${CHAT}`, `script-src ${CHAT}/rejoin.js`), `lacks ${CHAT} in script-src`],
]) {
  test(`a policy that forbids ${missing} is named with its directive`, async ({ stage }) => {
    await stage.open("", { policy });
    await stage.launcher().click();
    await expect(stage.launcher("Chat could not start. Try again")).toBeVisible();
    const errors = stage.console.filter((line) => line.includes("Rejoin could not"));
    expect(errors).toEqual([`error: Rejoin could not start: the Content-Security-Policy of this page ${words}`]);
    await expect(stage.page.evaluate(() => Rejoin.whenReady())).rejects.toThrow("Rejoin could not start");
  });
}

test("a nonce with strict-dynamic is enough for script-src", async ({ stage }) => {
  const policy = POLICY.replace(`script-src ${CHAT}`, "script-src 'nonce-abc' 'strict-dynamic'");
  await stage.open("", { policy, tag: 'nonce="abc" data-site="demo"' });
  await stage.launcher().click();
  await expect(stage.launcher("Close chat")).toBeVisible();
  expect(stage.console).toEqual([]);
});

test("the page's style sheets stay outside", async ({ stage }) => {
  const css = "* { all: unset !important } rejoin-chat { transform: rotate(9deg) !important; opacity: .1 !important; z-index: 1 !important } div { position: fixed; inset: 0; z-index: 99 }";
  await stage.open("<div></div>", { head: `<style>${css}</style>`, policy: "default-src * 'unsafe-inline' 'wasm-unsafe-eval'" });
  const { width, height } = stage.page.viewportSize();
  await expect.poll(() => stage.launcher().boundingBox()).toEqual({ x: width - 76, y: height - 76, width: 56, height: 56 });
  await stage.launcher().click();
  await expect(stage.launcher("Close chat")).toBeVisible();
});

test("in print, hidden, and as a full page there is no launcher", async ({ stage }) => {
  await stage.open("", { tag: 'data-site="demo" data-mode="fullpage"' });
  await expect.poll(stage.mounts).toEqual([{ server: CHAT, open: true, site: "demo", mode: "fullpage" }]);
  await expect(stage.launcher()).toBeHidden();
  await stage.page.evaluate(() => document.querySelector("rejoin-chat").removeAttribute("mode"));
  await expect(stage.launcher()).toBeVisible();
  await stage.page.emulateMedia({ media: "print" });
  await expect(stage.launcher()).toBeHidden();
  await stage.page.emulateMedia({ media: "screen" });
  await stage.page.evaluate(() => (document.querySelector("rejoin-chat").hidden = true));
  await expect(stage.launcher()).toBeHidden();
});

test("a full page says what is wrong", async ({ stage }) => {
  stage.fail.add("/app.js");
  await stage.open("", { tag: 'data-site="demo" data-mode="fullpage"' });
  await expect(stage.launcher("Chat could not start. Try again")).toBeVisible();
});

test("visible words are part of the name, and the text stays on small screens", async ({ stage }) => {
  await stage.page.setViewportSize({ width: 320, height: 500 });
  await stage.open("", { tag: 'data-site="demo" data-launcher-text="Any questions? We answer within minutes"' });
  await expect(stage.launcher("Any questions? We answer within minutes, Open chat")).toBeVisible();
  const box = await stage.launcher().boundingBox();
  expect(box.x).toBeGreaterThanOrEqual(20);
  expect(box.x + box.width).toBe(300);
  await stage.page.evaluate(() => document.querySelector("rejoin-chat").setAttribute("launcher-text", "Open chat"));
  await expect(stage.page.getByRole("button", { name: "Open chat", exact: true })).toBeVisible();
});
