import { expect, test } from "./support/fixtures.mjs";

test("nothing is fetched, connected or stored before somebody reaches for the chat, nothing kept before they write", async ({ server, shop, customer, agent }) => {
  const page = await customer.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  page.on("websocket", () => asked.push("a WebSocket"));
  const kept = async () => ({
    local: await page.evaluate(() => Object.keys(localStorage)),
    session: await page.evaluate(() => Object.keys(sessionStorage)),
    databases: await page.evaluate(() => indexedDB.databases()),
    caches: await page.evaluate(() => caches.keys()),
    workers: (await page.evaluate(() => navigator.serviceWorker.getRegistrations())).length,
    cookies: await customer.cookies(),
  });
  const nothing = { local: [], session: [], databases: [], caches: [], workers: 0, cookies: [] };

  await page.goto(shop.url, { waitUntil: "networkidle" });
  const launcher = page.getByRole("button", { name: "Open chat" });
  await expect(launcher).toBeVisible();
  expect(asked.filter((path) => path !== "/" && path !== "/favicon.ico")).toEqual(["/rejoin.js"]);
  expect(await kept()).toEqual(nothing);

  await launcher.click();
  const composer = page.getByRole("dialog").getByRole("textbox", { name: "Message" });
  await expect(composer).toBeFocused();
  await expect.poll(() => asked).toContain("a WebSocket");
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  expect(await kept()).toEqual(nothing);
  const inbox = await agent(server);
  await expect(inbox.page.getByText("Nobody has written yet")).toBeVisible();

  await launcher.click();
  await composer.fill("Now I act");
  await composer.press("Enter");
  await expect(inbox.lines).toHaveCount(1);
  const { databases, cookies } = await kept();
  expect(databases.map(({ name }) => name)).toEqual([`rejoin:${server.url}:demo`]);
  expect(cookies).toEqual([]);
});

test("with storage forbidden the chat works and says what it cannot keep", async ({ server, customer, visit, agent }) => {
  await customer.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
      const get = () => {
        throw new DOMException("forbidden", "SecurityError");
      };
      Object.defineProperty(window, name, { get });
    }
  });
  const widget = await visit();
  await widget.open();
  await widget.say("I keep nothing");
  const inbox = await agent(server);
  await inbox.open("I keep nothing");
  await inbox.say("Then be quick");
  await widget.expectAll("I keep nothing", "Then be quick");
  await expect(widget.status).toHaveText("This browser does not keep this conversation");
  await widget.button("OK").click();
  await expect(widget.status).not.toHaveText("This browser does not keep this conversation");
});

test("with a database that never opens the chat keeps the conversation elsewhere", async ({ server, customer, visit, agent }) => {
  await customer.addInitScript(() => {
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...args) {
      const request = open.apply(this, args);
      for (const name of ["success", "error", "blocked", "upgradeneeded"]) {
        request.addEventListener(name, (event) => event.stopImmediatePropagation());
      }
      return request;
    };
  });
  const widget = await visit();
  await widget.open();
  await widget.say("Where do I live?");
  await expect(widget.message("Where do I live?")).toContainText("Sent");
  await expect(widget.status).toHaveText("Up to date");
  await widget.page.reload();
  await widget.open();
  await widget.expectAll("Where do I live?");
  await widget.say("Still here");
  const inbox = await agent(server);
  await expect(inbox.lines).toHaveCount(1);
  await inbox.open("Still here");
  await inbox.expectAll("Where do I live?", "Still here");
});
