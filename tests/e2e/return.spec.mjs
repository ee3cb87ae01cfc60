import { expect, NETWORK, test } from "./support/fixtures.mjs";
import { expectKept } from "./support/storage.mjs";

test("a reload shows the conversation, and what came meanwhile", async ({ server, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Are you open on Sunday?");
  const inbox = await agent(server);
  await inbox.open("Sunday");
  await inbox.say("From ten to four");
  await widget.expectAll("Are you open on Sunday?", "From ten to four");
  await widget.page.goto("about:blank");
  await inbox.say("And on Monday until eight");
  await expect(inbox.message("until eight")).toContainText("Sent");
  await widget.page.goBack();
  await widget.launcher.click();
  await widget.expectAll("Are you open on Sunday?", "From ten to four", "And on Monday until eight");
});

test("a tab that was closed comes back with the conversation", async ({ server, visit, agent }) => {
  const before = await visit();
  await before.open();
  await before.say("I will be back");
  await expect(before.message("I will be back")).toContainText("Sent");
  await before.page.close();
  const inbox = await agent(server);
  await inbox.open("I will be back");
  await inbox.say("We will be here");
  const after = await visit("/help");
  await after.open();
  await after.expectAll("I will be back", "We will be here");
  await after.say("And here I am");
  await inbox.expectAll("I will be back", "We will be here", "And here I am");
  await expect(inbox.lines).toHaveCount(1);
});

test.describe("without a connection", () => {
  test.use({ expectedErrors: NETWORK });

  test("a message sent in the moment of leaving is not lost", async ({ farServer, cable, visit, agent }) => {
    const widget = await visit();
    await widget.open();
    await widget.say("First");
    await expect(widget.message("First")).toContainText("Sent");
    cable.cut();
    await expect(widget.status).toHaveText(/^Offline/);
    await widget.composer.fill("And off I go");
    await widget.composer.press("Enter");
    await widget.page.reload();
    cable.mend();
    await widget.open();
    await expect(widget.message("And off I go")).toContainText("Sent");
    const inbox = await agent(farServer);
    await inbox.open("And off I go");
    await inbox.expectAll("First", "And off I go");
  });

  test("a reload still shows the conversation and what waits to be sent", async ({ farServer, cable, visit, agent }) => {
    const widget = await visit();
    await widget.open();
    await widget.say("It was here yesterday");
    const inbox = await agent(farServer);
    await inbox.open("yesterday");
    await inbox.say("It still is");
    await expect(widget.message("It still is")).toBeVisible();
    await expectKept(widget.page, farServer.url, "It still is");
    cable.cut();
    await expect(widget.status).toHaveText(/^Offline/);
    await widget.say("Written in the tunnel");
    await widget.page.reload();
    await widget.open();
    await widget.expectAll("It was here yesterday", "It still is", "Written in the tunnel");
    await expect(widget.message("tunnel")).toContainText("Waiting for a connection");
    cable.mend();
    await expect(widget.message("tunnel")).toContainText(/Sent|Seen/);
    await inbox.expectAll("It was here yesterday", "It still is", "Written in the tunnel");
  });
});
