import { expectAccessible } from "./support/accessible.mjs";
import { expect, Inbox, NETWORK, SIGNED_OUT, test, Widget } from "./support/fixtures.mjs";
import { overlong } from "./support/storage.mjs";

test.use({ expectedErrors: new RegExp(`${NETWORK.source}|${SIGNED_OUT.source}`) });

test("axe finds nothing in the shop and the widget", async ({ farServer, cable, shop, visit, agent, demo, person }) => {
  const page = await (await person()).newPage();
  await page.goto(demo.shop);
  await expect(page.getByRole("button", { name: "Open chat" })).toBeVisible();
  await expectAccessible(page, "the sample shop with the launcher");

  const widget = await visit();
  await widget.open();
  await expectAccessible(widget.page, "the empty panel");
  await widget.say("Hello, see https://shop.example/lamps and tell me");
  const inbox = await agent(farServer);
  await inbox.open("Hello");
  await inbox.say("An answer");
  await inbox.reply.pressSequentially("more");
  await expect(widget.message("An answer")).toBeVisible();
  await expectAccessible(widget.page, "the panel with a conversation");

  cable.cut();
  await expect(widget.status).toHaveText(/^Offline/);
  await widget.say("Waits");
  await expectAccessible(widget.page, "the panel offline");
  await overlong(widget.page, farServer.url, "Waits");
  cable.mend();
  await widget.page.reload();
  await widget.open();
  await expect(widget.button("Discard")).toBeVisible();
  await expectAccessible(widget.page, "the panel with a rejected message");
  await widget.close();
  await expectAccessible(widget.page, "the launcher after the panel was closed");

  const full = new Widget(await (await person()).newPage());
  await full.page.goto(`${farServer.url}/chat/demo`);
  await expect(full.composer).toBeFocused();
  await expectAccessible(full.page, "the full page");
});

test("axe finds nothing in the inbox", async ({ server, visit, person }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Hello, see https://shop.example/lamps and tell me");
  await expect(widget.message("Hello")).toContainText("Sent");
  const inbox = new Inbox(await (await person()).newPage());
  await inbox.page.goto(`${server.url}/inbox/`);
  await expect(inbox.page.getByText("You are not signed in")).toBeVisible();
  await expectAccessible(inbox.page, "the door");
  await inbox.page.goto(await server.agent("Ada Lindgren"));
  await expect(inbox.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expectAccessible(inbox.page, "the sign-in");
  await inbox.page.getByRole("button", { name: "Sign in" }).click();
  await expect(inbox.lines).toHaveCount(1);
  await expectAccessible(inbox.page, "the list");
  await inbox.open("Hello");
  await inbox.say("An answer");
  await widget.composer.pressSequentially("more");
  await expect(inbox.message("An answer")).toContainText("Seen");
  await expectAccessible(inbox.page, "a thread");
});
