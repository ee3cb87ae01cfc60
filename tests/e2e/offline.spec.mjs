import { expect, NETWORK, test } from "./support/fixtures.mjs";

test.use({ expectedErrors: new RegExp(`${NETWORK.source}|^Rejoin could not start`) });

test("what is written offline waits, says so, and is sent once and in order", async ({ farServer, cable, customer, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Before the tunnel");
  await expect(widget.message("Before the tunnel")).toContainText("Sent");
  await widget.composer.pressSequentially("Half a sent");
  cable.cut();
  await customer.setOffline(true);
  await expect(widget.status).toHaveText("Offline. What you write is sent later");
  await expect(widget.composer).toHaveValue("Half a sent");
  await widget.composer.pressSequentially("ence");
  await widget.composer.press("Enter");
  await expect(widget.status).toHaveText("Offline. 1 message waiting to send");
  await widget.say("Second");
  await widget.say("Third");
  await expect(widget.status).toHaveText("Offline. 3 messages waiting to send");
  for (const text of ["Half a sentence", "Second", "Third"]) await expect(widget.message(text)).toContainText("Waiting for a connection");
  cable.mend();
  await customer.setOffline(false);
  await expect(widget.status).toHaveText("Up to date");
  const inbox = await agent(farServer);
  await inbox.open("Third");
  await inbox.expectAll("Before the tunnel", "Half a sentence", "Second", "Third");
  await widget.expectAll("Before the tunnel", "Half a sentence", "Second", "Third");
});

test("a message whose acknowledgement was lost is not sent twice", async ({ farServer, cable, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Hello");
  await expect(widget.message("Hello")).toContainText("Sent");
  const inbox = await agent(farServer);
  await inbox.open("Hello");
  await inbox.say("Hello!");
  await expect(widget.message("Hello!")).toBeVisible();

  cable.hold();
  await widget.say("Did you get this?");
  await expect(widget.status).toHaveText("Sending…");
  // It is in the log by the time another client can read it there.
  await expect.poll(() => farServer.command("check")).toContain("3 messages");
  cable.cut();
  await expect(widget.status).toHaveText("Offline. 1 message waiting to send");
  cable.mend();
  await expect(widget.message("Did you get this?")).toContainText(/Sent|Seen/);
  await widget.expectAll("Hello", "Hello!", "Did you get this?");
  await inbox.expectAll("Hello", "Hello!", "Did you get this?");
});

test("an agent's reply written without a connection arrives as well", async ({ farServer, cable, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Anybody there?");
  const inbox = await agent(farServer);
  await inbox.open("Anybody");
  cable.cut();
  await expect(inbox.state("No connection")).toBeVisible();
  await inbox.say("Yes");
  await inbox.say("Two of us");
  await expect(inbox.state("2 messages wait")).toBeVisible();
  cable.mend();
  await widget.expectAll("Anybody there?", "Yes", "Two of us");
  await inbox.expectAll("Anybody there?", "Yes", "Two of us");
});

test("when the chat cannot be fetched the button says so, and tries again", async ({ server, visit }) => {
  const widget = await visit();
  await server.kill();
  await widget.launcher.click();
  const words = widget.page.getByRole("button", { name: "Chat could not start. Try again" });
  await expect(words).toBeVisible();
  await server.start();
  await words.click();
  await expect(widget.composer).toBeFocused();
});
