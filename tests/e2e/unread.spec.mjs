import { expect, test } from "./support/fixtures.mjs";

test("an answer to a closed panel is counted on the launcher until it is seen", async ({ server, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Tell me later");
  const inbox = await agent(server);
  await inbox.open("Tell me later");
  await widget.close();
  await inbox.say("Now is later");
  await expect(widget.named("Open chat, 1 unread")).toBeVisible();
  await inbox.say("And again");
  await expect(widget.named("Open chat, 2 unread")).toContainText("2");
  await expect(inbox.message("And again")).toContainText("Delivered");

  await widget.launcher.click();
  await expect(widget.messages.last()).toBeInViewport();
  await expect(widget.named("Close chat")).toBeVisible();
  await expect(inbox.message("And again")).toContainText("Seen");
  await widget.close();
  await expect(widget.named("Open chat")).toBeVisible();
});

test("an answer that came while the shop was closed is announced by the next page", async ({ server, visit, agent }) => {
  const before = await visit();
  await before.open();
  await before.say("I cannot stay");
  await expect(before.message("I cannot stay")).toContainText("Sent");
  await before.page.close();
  const inbox = await agent(server);
  await inbox.open("I cannot stay");
  await inbox.say("This will wait for you");
  await expect(inbox.message("This will wait")).toContainText("Sent");
  const after = await visit("/help");
  await expect(after.named("Open chat, 1 unread")).toBeVisible();
  await after.launcher.click();
  await after.expectAll("I cannot stay", "This will wait for you");
  await expect(after.log).toContainText("New messages");
  await expect(after.named("Close chat")).toBeVisible();
});

test("the page hears of messages and of the count", async ({ server, visit, agent }) => {
  const widget = await visit();
  await widget.page.evaluate(() => {
    globalThis.heard = [];
    for (const name of ["open", "close", "message", "unread"]) {
      Rejoin.on(name, (detail) => heard.push(`${name} ${detail.count ?? detail.direction ?? ""}`.trim()));
    }
  });
  await widget.open();
  await widget.say("One");
  const inbox = await agent(server);
  await inbox.open("One");
  await widget.close();
  await inbox.say("Two");
  await expect(widget.named("Open chat, 1 unread")).toBeVisible();
  await widget.page.evaluate(() => Rejoin.open());
  await expect(widget.named("Close chat")).toBeVisible();
  await expect.poll(() => widget.page.evaluate(() => heard)).toHaveLength(7);
  const heard = await widget.page.evaluate(() => globalThis.heard);
  expect([...heard.slice(0, 3), ...heard.slice(3, 5).sort(), ...heard.slice(5)]).toEqual([
    "open",
    "message out",
    "close",
    "message in",
    "unread 1",
    "open",
    "unread 0",
  ]);
});

test("an agent sees what waits, first and counted, and in the title", async ({ server, visit, agent, person }) => {
  const inbox = await agent(server);
  await expect(inbox.page).toHaveTitle("Inbox");
  const [one, two] = [await visit(), await visit("/", await person())];
  await one.open();
  await one.say("Read already");
  await inbox.open("Read already");
  await expect(one.message("Read already")).toContainText("Seen");
  await two.open();
  await two.say("Not yet");
  await two.say("Nor this");
  await expect(inbox.lines).toHaveText([/Nor this.*2 unread/, /Read already/]);
  await expect(inbox.page).toHaveTitle("(1) Inbox");
  await inbox.open("Nor this");
  await expect(two.message("Nor this")).toContainText("Seen");
  await expect(inbox.page).toHaveTitle("Inbox");
});
