// The Rejoin loader: the one script a site owner embeds.
//
// It reads the owner's HTML attributes, defines <rejoin-chat>, draws the launcher by itself, and brings the app (JavaScript and
// WebAssembly) only when somebody means to use it. A page that nobody chats on pays for this file and for nothing else.
//
//   <script async src="https://chat.example/rejoin.js" data-site="demo"></script>      one floating chat, made by this file
//   <rejoin-chat site="demo"></rejoin-chat>                                            or the element, where the page wants it
//
// Rules that hold everywhere below, because the page is not ours:
// - one global, `Rejoin`; no inline style attribute, no HTML from strings, no eval: strict CSP and Trusted Types pages work;
// - nothing is stored here, and one key is read (`holdsThread`);
// - bad configuration is said in the console, once, with the name of what is wrong, and never stops the page;
// - every byte is paid by pages on which nobody chats: 4,000 after brotli is the limit, and the size report enforces it.
//
// The build replaces __REJOIN_APP__ by {"js": "/assets/…", "wasm": "/assets/…"}, paths on the server this script came from.
(() => {
  const TAG = "rejoin-chat";
  const DEFAULT_ACCENT = "#3552d8";
  /** A removed element keeps its app this long, so that moving it within the page does not restart the chat. */
  const MOVE_GRACE_MS = 50;
  /** A start that takes longer is put into words; a ring alone (from 150 ms on, by the style sheet) is no answer. */
  const SAY_SLOW_MS = 1000;
  /** The browser reports a policy violation in a task of its own; an explanation waits this long for it. */
  const VIOLATION_WAIT_MS = 50;

  // ---- pure helpers begin (rejoin.test.mjs runs this section by itself) ----

  /** Whether `edits` letters added, dropped or changed turn `a` into `b`. */
  const within = (a, b, edits) =>
    a && a[0] === b[0]
      ? within(a.slice(1), b.slice(1), edits)
      : edits
        ? within(a.slice(1), b, edits - 1) || within(a, b.slice(1), edits - 1) || within(a.slice(1), b.slice(1), edits - 1)
        : a === b;

  /** The right name that `wrong` probably stands for: one it begins, or that begins it, or that is a slip or two away. */
  const nearest = (wrong, names) =>
    names.find((name) => name.startsWith(wrong) || wrong.startsWith(name) || within(wrong, name, wrong.length > 5 ? 2 : 1));

  /** A complaint about `wrong` with the way out: the nearest right name, as it is written there, or all of them. */
  const complaint = (what, wrong, names, prefix = "") => {
    const name = nearest(wrong, names);
    return `${what} is not known; ` + (name ? `did you mean ${prefix + name}?` : `use one of ${names.join(", ")}`);
  };

  /** What may be configured: for each attribute its values, or a test of one, or null where every text is right. */
  const ATTRIBUTES = {
    site: (text) => /^(?!-)[a-z0-9-]{1,64}(?<!-)$/.test(text),
    heading: null,
    greeting: null,
    color: (text) => CSS.supports("color", text),
    theme: ["light", "dark", "auto"],
    position: ["bottom-right", "bottom-left"],
    locale: (text) => Intl.getCanonicalLocales(text),
    open: null,
    "launcher-text": null,
    mode: ["floating", "fullpage"],
  };
  const NAMES = Object.keys(ATTRIBUTES);

  /**
   * The value of attribute `name` in its raw form `raw`; undefined when it is absent, blank or bad. A bad one is told to `report`.
   * A blank heading or greeting stays blank: it says "none", where absence says "yours".
   */
  const read = (name, raw, report) => {
    const rule = ATTRIBUTES[name];
    if (raw === null || (rule && !raw)) return undefined;
    try {
      if (!rule || (rule.includes ? rule.includes(raw) : rule(raw))) return raw;
    } catch {
      // Intl throws at what is no locale: bad like the others.
    }
    const shown = `${name}="${raw}"`;
    report(rule.includes ? complaint(shown, raw, rule) : shown + " is not valid");
    return undefined;
  };

  /** Whether a Boolean attribute is on: present, in whatever spelling but the word false. */
  const isOn = (raw) => raw !== null && raw !== "false";

  /** Red, green and blue, each in 0..1 (a little outside for colours that sRGB lacks), of a computed `rgb(1, 2, 3)` or `color(srgb .1 .2 .3)`. */
  const channels = (computed) =>
    computed
      .match(/-?[\d.]+(e-\d+)?/g)
      .slice(0, 3)
      .map((text) => text / (computed[0] === "r" ? 255 : 1));

  /**
   * The colour of words on the accent `rgb`: white where that has a contrast of 4.5 : 1 (WCAG 2), else black, which then has
   * more, since of the two one always reaches 4.58.
   */
  const onAccent = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92));
    return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) < 4.5 ? "#000" : "#fff";
  };

  // ---- pure helpers end ----

  // A page may load this file twice, by accident or because its router runs the script tags of every page again. The first one
  // stays in charge; the later tag only brings its attributes.
  const script = document.currentScript || document.querySelector('script[src*="rejoin.js"]');
  const existing = customElements.get(TAG);
  if (existing) return existing.embed(script);

  const SERVER = new URL(script.src).origin;

  /** Warns once of each thing, however often an attribute changes or an element comes and goes. */
  const told = {};
  const tell = (text) => told[text] || console.warn("Rejoin: " + (told[text] = text));

  // ---- the app: one module for the page, however many elements ----

  const blocked = {}; // URL → the policy directive that stopped it
  document.addEventListener("securitypolicyviolation", (event) => (blocked[event.blockedURI] = event.effectiveDirective));

  let booting; // the module's promise; undefined before the first try and after a failed one
  let tries = 0;

  /** Loads and initialises the app's module without mounting it. All callers share one try; after a failure the next call is a new one. */
  const boot = () => {
    booting = booting || load(tries++);
    booting.catch(() => (booting = undefined));
    return booting;
  };

  const load = async (attempt) => {
    const app = __REJOIN_APP__;
    const js = SERVER + app.js;
    const wasm = SERVER + app.wasm;
    const explained = (step, work) =>
      work.catch(async (error) => {
        await new Promise((done) => setTimeout(done, VIOLATION_WAIT_MS));
        throw Error(explain(step, error.message));
      });
    const [module, response] = await Promise.all([
      // Browsers may remember a failed import by its URL, so each try has a fragment of its own.
      explained(js, import(js + "#" + attempt)),
      explained(wasm, fetch(wasm).then((got) => (got.ok ? got : Promise.reject(Error(got.status))))),
    ]);
    await explained("", module.default({ module_or_path: response }));
    return module;
  };

  /** Why the app could not start, with the exact directive where the page's policy is the cause. `url` is what did not come, or "". */
  const explain = (url, message) => {
    const directive = url ? blocked[url] : /csp|security.policy|unsafe-eval/i.test(message) && "script-src";
    return directive
      ? `the Content-Security-Policy of this page lacks ${url ? SERVER : "'wasm-unsafe-eval'"} in ${directive.replace("-elem", "")}`
      : `${url || "WebAssembly"} failed (${message})`;
  };

  // ---- looks ----

  // The host has no box of its own: a point that carries the stacking order. Its rules are !important because inside a shadow tree
  // that is what wins against `* { … !important }` of the page. Where such sheets are unknown (before 2023) this throws, and the
  // page stays without a chat and otherwise as it was.
  const looks = new CSSStyleSheet();
  looks.replaceSync(`
:host{all:initial!important;position:fixed!important;z-index:1000000!important}
[hidden],:host([hidden]){display:none!important}
.launcher{all:initial;color-scheme:light dark;position:fixed;bottom:calc(20px + env(safe-area-inset-bottom));right:calc(20px + env(safe-area-inset-right));display:flex;align-items:center;max-width:min(320px,100vw - 40px);border-radius:28px;background:var(--rj-accent);color:var(--rj-on-accent);font:550 15px/20px system-ui,sans-serif;cursor:pointer;-webkit-tap-highlight-color:transparent;box-shadow:0 1px 3px #0003,0 6px 20px #0003;transition:.12s ease-out}
:host([position=bottom-left]) .launcher{right:auto;left:calc(20px + env(safe-area-inset-left))}
.launcher:hover{filter:brightness(1.08);box-shadow:0 1px 3px #0003,0 8px 28px #0004}
.launcher:active{transform:scale(.95)}
.launcher:focus-visible{outline:2px solid #fff;box-shadow:0 0 0 5px #16181d}
svg{flex:none;width:56px;height:56px;fill:none;stroke:currentColor;stroke-width:2.6;stroke-linecap:round}
path{transform-origin:28px 28px;transition:.12s ease-out}
.shape{fill:currentColor;stroke:none}
.lines{stroke:var(--rj-accent)}
.cross,[aria-expanded=true] path{opacity:0;transform:rotate(-45deg) scale(.5)}
[aria-expanded=true] .cross{opacity:1;transform:none}
.ring{display:none;animation:turn .9s linear infinite,late .15s}
[aria-busy=true] .ring{display:inline}
.text{padding:8px 0;margin-inline:-6px 22px;overflow-wrap:anywhere}
.text:empty,.badge:empty,[aria-expanded=true] .text{display:none}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:10px;padding:0 6px;border-radius:11px;background:#c8281d;color:#fff;font-size:12px;line-height:22px;text-align:center;box-shadow:0 0 0 2px Canvas}
.said{position:fixed;opacity:0;pointer-events:none}
:host([mode=fullpage]) .launcher{inset:0;margin:auto;width:fit-content;height:fit-content}
:host([theme=dark]) .launcher{color-scheme:dark}
:host([theme=light]) .launcher{color-scheme:light}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}
@media (forced-colors:active){.launcher,.badge{border:2px solid}.lines{stroke:Canvas}}
@media print{:host{display:none!important}}
@keyframes turn{to{transform:rotate(1turn)}}
@keyframes late{from,to{opacity:0}}
`);

  const set = (node, attributes) => {
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return node;
  };
  const make = (tag, name, ...children) => {
    const node = set(document.createElement(tag), { class: name });
    node.append(...children);
    return node;
  };
  const draw = (tag, attributes) => set(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes);

  /** The icon, in a square of 56: a bubble with two lines of writing, which turns into a cross; the ring goes round either. */
  const STROKES = {
    shape: "M21 16h14a6 6 0 0 1 6 6v7a6 6 0 0 1-6 6h-6.5l-5.8 5a1 1 0 0 1-1.7-.8V35a6 6 0 0 1-6-6v-7a6 6 0 0 1 6-6z",
    lines: "M22.5 23h11M22.5 28.2h6.5",
    cross: "M20.5 20.5l15 15M35.5 20.5l-15 15",
    ring: "M28 4a24 24 0 0 1 24 24",
  };

  // ---- one element ----

  /** True when this browser holds a thread with `site`: the app leaves this mark once the customer has acted. Storage may be forbidden. */
  const holdsThread = (site) => {
    try {
      return localStorage.getItem(`rejoin:${SERVER}:${site}`);
    } catch {
      return false;
    }
  };

  /** Runs `work` when the page has loaded and the browser has nothing better to do. */
  const whenIdle = (work) => {
    const idle = () => (window.requestIdleCallback || setTimeout)(work);
    if (document.readyState === "complete") idle();
    else addEventListener("load", idle);
  };

  const EVENTS = ["ready", "open", "close", "message", "unread"];
  const bus = new EventTarget(); // what `Rejoin.on` listens to: the events of every chat of the page

  /**
   * Everything one <rejoin-chat> knows and does. The app's life:
   *
   *   asleep ──start()──▶ starting ──▶ mounted ──unmount()──▶ asleep
   *                          └──failed, said in words──▶ asleep (the next click tries again)
   *
   * `life` counts the unmounts; whatever was begun in an earlier life and ends in a later one is dropped.
   */
  const createChat = (host) => {
    const root = host.attachShadow({ mode: "open" });
    const accent = new CSSStyleSheet();
    const icon = draw("svg", { viewBox: "0 0 56 56" });
    for (const name in STROKES) icon.append(draw("path", { class: name, d: STROKES[name] }));
    const text = make("span", "text");
    const badge = make("span", "badge");
    const said = set(make("span", "said"), { role: "status" });
    const launcher = make("button", "launcher", icon, text, badge);

    let app; // the mounted app
    let starting; // the promise of the start under way, or of the one that mounted the app
    let life = 0;
    let isOpen = false; // what the app said last
    let wanted = false; // what the page or the customer asked for last
    let failed = false;
    let slow = false; // somebody has waited so long that words are due
    let timer;
    let unread = 0;
    let site; // the one the app was started for
    let queued = false; // a refresh is on its way

    const get = (name) => read(name, host.getAttribute(name), tell);

    const settings = () => {
      const all = { server: SERVER, open: wanted };
      for (const name of ["site", "heading", "greeting", "locale", "position", "mode"]) all[name] = get(name);
      return JSON.stringify(all); // which leaves out what is undefined
    };

    /** Brings the launcher's words, badge and states in line with the variables above. */
    const show = () => {
      const own = get("launcher-text") || "";
      const words = failed ? "Chat could not start. Try again" : slow ? "Opening chat…" : "";
      const action = words || (isOpen ? "Close chat" : "Open chat");
      // The accessible name holds the visible words, or people who speak to their computer could not press it.
      const name = words || isOpen || !own || own === action ? action : own + ", " + action;
      set(launcher, {
        part: "launcher",
        "aria-label": unread ? `${name}, ${unread} unread` : name,
        "aria-expanded": isOpen,
        "aria-busy": wanted && !app,
        "aria-controls": "rj-panel",
      });
      // A full page has no launcher, but it has something to say while the app is late or cannot come.
      launcher.hidden = !get("site") || (get("mode") === "fullpage" && !words);
      said.textContent = words;
      text.textContent = words || own;
      badge.textContent = unread > 99 ? "99+" : unread || "";
    };

    /** Computes the two accent colours. The browser parses, so every CSS colour goes, `var(--brand)` of the page too. */
    const paint = () => {
      const probe = make("span");
      root.append(probe);
      const color = get("color") || DEFAULT_ACCENT;
      probe.style.color = color;
      probe.style.color = `color-mix(in srgb,${color},${color})`; // turns oklch() and the like into sRGB; an older browser ignores it
      const rgb = channels(getComputedStyle(probe).color);
      probe.remove();
      accent.replaceSync(`:host{--rj-accent:rgb(${rgb.map((c) => Math.round(c * 255))});--rj-on-accent:${onAccent(rgb)}}`);
    };

    const emit = (name, detail) => {
      if (name === "unread") unread = detail.count;
      if (name === "open" || name === "close") {
        isOpen = wanted = name === "open";
        host.toggleAttribute("open", isOpen);
      }
      show();
      // Focus goes back to the launcher from the panel, also when hiding the panel has already dropped it; never from the page.
      if (name === "close" && (root.activeElement || document.activeElement === document.body)) launcher.focus({ preventScroll: true });
      // These events do not bubble: window has a `message` event already, and a dialog around the element a `close`.
      for (const target of [host, bus]) target.dispatchEvent(new CustomEvent(name, { detail }));
    };

    /** Loads and mounts the app, once however often it is called. Never rejects: a failure is told here, and leaves `app` undefined. */
    const start = () => (starting = starting || attempt());

    const attempt = async () => {
      const mine = life;
      failed = false;
      try {
        const module = await boot();
        if (mine !== life) return;
        site = get("site");
        app = module.mount(host, settings(), (name, detail) => mine === life && emit(name, detail || {}));
        if (wanted && !isOpen) app.open();
      } catch (error) {
        console.error("Rejoin could not start: " + error.message);
        if (mine !== life) return;
        failed = wanted; // words only where somebody waits; a quiet check for unread messages fails quietly
        starting = wanted = false;
      }
      wait();
    };

    /** Says that a start is under way, if somebody waits for it. */
    const wait = () => {
      clearTimeout(timer);
      slow = false;
      if (wanted && !app) timer = setTimeout(() => show((slow = true)), SAY_SLOW_MS);
      show();
    };

    /** Opens or closes. Before the app is there this is a wish that the start fulfils; the last wish counts. */
    const want = (open) => {
      wanted = open;
      if (app) return open ? app.open() : app.close();
      if (open && get("site")) start();
      wait();
    };

    /** Ends the app and everything begun in this life, and leaves the launcher as at first. */
    const unmount = () => {
      const ended = app;
      life++;
      app = starting = isOpen = wanted = failed = false;
      unread = 0;
      wait();
      if (ended) ended.destroy();
    };

    /** Applies the attributes as they are now. Many changes in one go (a framework setting one after the other) make one refresh. */
    const refresh = () => {
      queued = false;
      if (!host.isConnected) return;
      for (const name of host.getAttributeNames()) {
        if (!NAMES.includes(name) && name !== "style" && nearest(name, NAMES)) tell(complaint(name, name, NAMES));
      }
      NAMES.forEach(get); // bad values are told now, not first when the app comes
      const now = get("site");
      if (!now) tell(`<${TAG}> needs site="…"`);
      if (app && now !== site) {
        const reopen = isOpen;
        unmount();
        wanted = reopen;
      }
      paint();
      show();
      if (!now) return;
      if (app) app.update(settings());
      else if (wanted || isOn(host.getAttribute("open")) || get("mode") === "fullpage") want(true);
      else if (holdsThread(now)) {
        const mine = life;
        whenIdle(() => mine === life && start()); // to learn about unread messages
      }
    };

    /** The element came, left, or has a changed attribute: `name`, now `raw`. */
    const changed = (name, raw) => {
      if (!host.isConnected) {
        setTimeout(() => host.isConnected || unmount(), MOVE_GRACE_MS);
      } else if (name === "open") {
        // When the loader itself set the attribute, it already is as wanted.
        if (isOn(raw) !== wanted) want(isOn(raw));
      } else if (!queued) {
        queued = true;
        queueMicrotask(refresh);
      }
    };

    root.adoptedStyleSheets = [looks, accent];
    root.append(launcher, said);

    // Intent brings the code, not yet the chat. What fails here is tried again, and told, by the click.
    for (const intent of ["pointerenter", "touchstart", "focus"]) launcher.addEventListener(intent, boot, { passive: true });
    launcher.addEventListener("click", (event) => {
      // The second half of a double click is no wish to close, nor is an impatient click while the chat comes.
      if (event.detail < 2 && (app || !wanted)) want(!isOpen);
    });

    return {
      open: () => want(true),
      close: () => want(false),
      toggle: () => want(!(app ? isOpen : wanted)),
      destroy: () => host.remove(unmount()),
      async whenReady() {
        await start();
        if (!app) throw Error("Rejoin could not start");
      },
      changed,
    };
  };

  const chats = new WeakMap(); // element → its chat
  let waiting = []; // calls of `Rejoin` made before there was an element
  let own; // the element that the script tag stands for

  class RejoinChat extends HTMLElement {
    constructor() {
      super();
      chats.set(this, createChat(this));
    }

    connectedCallback() {
      chats.get(this).changed();
      waiting = waiting.filter((call) => call());
    }

    disconnectedCallback() {
      chats.get(this).changed();
    }

    attributeChangedCallback(name, _before, now) {
      chats.get(this).changed(name, now);
    }
  }
  RejoinChat.observedAttributes = NAMES;

  /**
   * Makes the floating chat that a script tag with `data-site` asks for, or gives the one there the attributes of a later tag.
   * It hangs beside <body>, so that routers which replace the body, and `body > *` styles and transforms, leave it alone.
   */
  const embed = (RejoinChat.embed = (tag) => {
    const asked = {};
    for (const { name, value } of tag.attributes) {
      const [, known] = name.match(/^data-(.*)/) || [];
      if (NAMES.includes(known)) asked[known] = value;
      // Names that page builders and script managers put on every tag are no mistake of the owner's.
      else if (known && !/^(cf|turbo|rocket|cookie|nscript|no-)/.test(known)) tell(complaint(name, known, NAMES, "data-"));
    }
    const place = () => {
      own = set(own || document.createElement(TAG), asked);
      if (!own.isConnected) document.documentElement.append(own);
    };
    if (!asked.site) return;
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
    else place();
  });

  // ---- the page's door ----

  const Rejoin = (window.Rejoin = {
    /** Calls `listener(detail)` on every `name` from any chat of the page; returns the function that ends it. */
    on(name, listener) {
      if (!EVENTS.includes(name)) tell(complaint(`event "${name}"`, name, EVENTS));
      const heard = (event) => listener(event.detail);
      bus.addEventListener(name, heard);
      return () => bus.removeEventListener(name, heard);
    },
  });
  // open(), close(), toggle(); destroy() takes the chat off the page; whenReady() starts the app without opening it, resolves when
  // it is ready and rejects when it cannot start. They act on the page's first chat, now or as soon as there is one.
  for (const name of ["open", "close", "toggle", "destroy", "whenReady"]) {
    Rejoin[name] = () =>
      new Promise((resolve) => {
        const call = () => {
          const chat = chats.get(document.querySelector(TAG));
          if (chat) resolve(chat[name]());
          return !chat;
        };
        if (call()) waiting.push(call);
      });
  }

  customElements.define(TAG, RejoinChat);
  embed(script);
})();
