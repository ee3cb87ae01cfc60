// What each test starts from: a server with an empty site, a shop that embeds it from another site, a customer's browser and an
// agent's. A test names what it needs; nothing else is started, and nothing is shared between tests.
import { expect, test as base } from "@playwright/test";
import { Cable } from "./cable.mjs";
import { Inbox, Widget } from "./people.mjs";
import { Demo, Server, temporary } from "./server.mjs";
import { ShopServer } from "./shop.mjs";

export { expect, Inbox, Widget };

/** What browsers themselves report when a connection fails; no complaint of ours. */
export const NETWORK = /WebSocket connection to|net::ERR_/;

/** What browsers report when the inbox asks whether somebody is signed in and nobody is. */
export const SIGNED_OUT = /status of 401 \(Unauthorized\)/;

export const test = base.extend({
  /** Errors in any page's console that a test has reason to expect. */
  expectedErrors: [undefined, { option: true }],

  /** Every page of the test is watched: an error in the console or an uncaught one fails it. */
  complaints: [
    async ({ expectedErrors }, use) => {
      const complaints = [];
      await use(complaints);
      expect(complaints.filter((line) => !expectedErrors?.test(line))).toEqual([]);
    },
    { auto: true },
  ],

  /** Makes browsers for people: `person({ colorScheme: "dark" })` is a context whose pages are watched. */
  person: async ({ browser, contextOptions, viewport, complaints }, use) => {
    const contexts = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ viewport, ...contextOptions, ...options });
      contexts.push(context);
      watch(context, complaints);
      return context;
    });
    for (const context of contexts) await context.close();
  },

  dir: async ({}, use) => temporary(use),

  shop: async ({}, use) => {
    const shop = new ShopServer();
    await shop.start();
    await use(shop);
    await shop.stop();
  },

  /** The network in front of the server, for tests that ask for it. */
  cable: async ({}, use) => {
    const cable = new Cable();
    await cable.start();
    await use(cable);
    await cable.stop();
  },

  /** Reached directly. */
  server: async ({ dir, shop, complaints }, use, info) => {
    await served(new Server(dir), shop, complaints, use, info);
  },

  /** Reached through the cable. */
  farServer: async ({ dir, shop, cable, complaints }, use, info) => {
    const server = new Server(dir, { publicUrl: cable.url });
    await served(server, shop, complaints, use, info, () => cable.to(server.address));
  },

  demo: async ({ dir, complaints }, use) => {
    const demo = new Demo(dir);
    await demo.start();
    await use(demo);
    complaints.isOver = true;
    await demo.stop();
  },

  /** A customer's browser, without a page yet. */
  customer: async ({ person }, use) => use(await person()),

  /** `visit()` is a customer's page of the shop, with the chat on it; `visit("/help")` another. */
  visit: async ({ customer, shop }, use) => {
    await use(async (path = "/", context = customer) => {
      const widget = new Widget(await context.newPage());
      await widget.page.goto(shop.url + path);
      await expect(widget.launcher).toBeVisible();
      return widget;
    });
  },

  /** `agent(server)` is the inbox of an agent who has signed in. */
  agent: async ({ person }, use) => {
    await use(async (server, name = "Ada Lindgren", options = {}) => {
      const inbox = new Inbox(await (await person(options)).newPage());
      await inbox.signIn(await server.agent(name));
      return inbox;
    });
  },
});

const served = async (server, shop, complaints, use, info, started = () => {}) => {
  await server.start();
  started();
  shop.chat = server.url;
  await server.allow(shop.url);
  await use(server);
  // Pages may outlive the server now, and will say so.
  complaints.isOver = true;
  await server.kill();
  if (info.status !== info.expectedStatus) await info.attach("server.log", { body: server.log });
};

const watch = (context, complaints) => {
  const complain = (text) => complaints.isOver || complaints.push(text);
  context.on("console", (message) => message.type() === "error" && complain(`${message.text()} (${message.location().url})`));
  context.on("weberror", (error) => complain(`uncaught: ${error.error()}`));
};
