import { expect, NETWORK, test as base } from "./support/fixtures.mjs";
import { expectKept, overlong } from "./support/storage.mjs";

const LIMIT = 8_000;

const test = base.extend({
  /**
   * A chat with a message that the server has refused, between two that it took. What the interface lets one send is never refused
   * for good; an app of another time may have let more through.
   */
  refused: async ({ farServer, cable, visit }, use) => {
    const widget = await visit();
    await widget.open();
    await widget.say("Before");
    await expect(widget.message("Before")).toContainText("Sent");
    cable.cut();
    await expect(widget.status).toHaveText(/^Offline/);
    await widget.say("Too much");
    await widget.say("After");
    await overlong(widget.page, farServer.url, "Too much");
    cable.mend();
    await widget.page.reload();
    await widget.open();
    await expect(widget.message("Too much")).toContainText("Not sent: it is too long.");
    await expect(widget.message("After")).toContainText("Sent");
    await expect(widget.status).toHaveText("1 message was not sent");
    await use(widget);
  },
});

test("a draft survives a reload", async ({ server, visit }) => {
  const widget = await visit();
  await widget.open();
  await widget.composer.pressSequentially("Half a thought");
  await expectKept(widget.page, server.url, "Half a thought");
  await widget.page.reload();
  await widget.open();
  await expect(widget.composer).toHaveValue("Half a thought");
  await widget.composer.press("Enter");
  await widget.expectAll("Half a thought");
  await widget.page.reload();
  await widget.open();
  await expect(widget.message("Half a thought")).toContainText("Sent");
  await expect(widget.composer).toHaveValue("");
});

test("of a draft not even the last letters are lost", async ({ server, visit }) => {
  const widget = await visit();
  await widget.open();
  await widget.composer.pressSequentially("Half a th");
  await expectKept(widget.page, server.url, "Half a th");
  await widget.composer.pressSequentially("ought");
  await widget.page.reload();
  await widget.open();
  await expect(widget.composer).toHaveValue("Half a thought");
});

test("the limit of a message is told before it is reached, and kept", async ({ server, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await expect(widget.sendButton).toBeDisabled();
  await widget.composer.fill("x".repeat(LIMIT - 100));
  await expect(widget.composer).toHaveAccessibleDescription("100 characters left");
  await widget.composer.fill("é".repeat(LIMIT + 1));
  await expect(widget.composer).toHaveAccessibleDescription("1 character too many to send");
  await widget.composer.press("Enter");
  await expect(widget.composer).toHaveValue("é".repeat(LIMIT + 1));
  await expect(widget.messages).toHaveCount(0);
  await widget.composer.press("Backspace");
  await expect(widget.composer).toHaveAccessibleDescription("0 characters left");
  await widget.composer.press("Enter");
  await expect(widget.messages).toHaveText([/Sent/]);
  await widget.button("Show all of it").click();
  await expect(widget.messages).toHaveText([new RegExp("é".repeat(LIMIT))]);
  const inbox = await agent(server);
  await inbox.open("éé");
  await expect(inbox.messages).toHaveText([new RegExp("é".repeat(LIMIT))]);
});

test("lines break with Shift+Enter, and an empty message is none", async ({ server, visit }) => {
  const widget = await visit();
  await widget.open();
  await widget.composer.fill("   ");
  await widget.composer.press("Enter");
  await expect(widget.messages).toHaveCount(0);
  const { height } = await widget.composer.boundingBox();
  await widget.composer.fill("");
  for (const line of ["one", "two", "three"]) {
    await widget.composer.pressSequentially(line);
    await widget.composer.press("Shift+Enter");
  }
  expect((await widget.composer.boundingBox()).height).toBeGreaterThan(2 * height - 20);
  await widget.composer.press("Enter");
  await expect(widget.message("one")).toBeVisible();
  expect(await widget.message("one").innerText()).toMatch(/^one\ntwo\nthree\n/);
});

test("faster than the server allows is only slower", async ({ server, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  const lines = Array.from({ length: 9 }, (_, n) => `Line ${n + 1}`);
  for (const line of lines) await widget.say(line);
  const inbox = await agent(server);
  await inbox.open("Visitor 1");
  await inbox.expectAll(...lines);
  await widget.expectAll(...lines);
  await expect(widget.status).toHaveText("Up to date");
});

test.describe("a message that the server refuses", () => {
  test.use({ expectedErrors: NETWORK });

  test("can be tried again and discarded", async ({ farServer, agent, refused: widget }) => {
    await widget.message("Too much").getByRole("button", { name: "Try again" }).click();
    await expect(widget.message("Too much")).toContainText("Not sent: it is too long.");
    await widget.message("Too much").getByRole("button", { name: "Discard" }).click();
    await widget.expectAll("Before", "After");
    await expect(widget.status).toHaveText("Up to date");
    await widget.page.reload();
    await widget.open();
    await widget.expectAll("Before", "After");
    const inbox = await agent(farServer);
    await inbox.open("After");
    await inbox.expectAll("Before", "After");
  });

  test("can be edited and sent", async ({ farServer, agent, refused: widget }) => {
    await widget.message("Too much").getByRole("button", { name: "Edit" }).click();
    await expect(widget.composer).toBeFocused();
    await expect(widget.composer).toHaveValue(/^Too much and so on/);
    await expect(widget.composer).toHaveAccessibleDescription("1 character too many to send");
    await widget.say("Just enough");
    await widget.expectAll("Before", "After", "Just enough");
    const inbox = await agent(farServer);
    await inbox.open("Just enough");
    await inbox.expectAll("Before", "After", "Just enough");
  });
});
