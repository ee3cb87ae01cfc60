import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BINARY, Server } from "./support/server.mjs";
import { expect, Inbox, SIGNED_OUT, test, Widget } from "./support/fixtures.mjs";

test("in the demo a customer writes, an agent answers, and each sees how far it got", async ({ demo, person }) => {
  const page = await (await person()).newPage();
  await page.goto(demo.shop);
  expect(new URL(demo.shop).hostname).not.toBe(new URL(demo.links[0]).hostname);
  const widget = new Widget(page, { heading: "Nordlys" });
  await widget.open();
  await expect(widget.panel).toContainText("Hello! Wondering about a lamp");
  await widget.say("Does Halo take a brighter bulb?");
  await expect(widget.message("brighter bulb")).toContainText("Sent");

  const inbox = new Inbox(await (await person()).newPage());
  await inbox.signIn(demo.links[0]);
  await expect(inbox.lines).toHaveCount(1);
  await expect(inbox.lines).toContainText(/Visitor 1.*Does Halo take a brighter bulb\?.*1 unread/);
  await inbox.open("Visitor 1");
  await expect(inbox.message("brighter bulb")).toBeVisible();
  await expect(widget.message("brighter bulb")).toContainText("Seen");
  await expect(inbox.lines).not.toContainText("unread");

  await widget.composer.pressSequentially("I mean");
  await expect(inbox.page.getByText("Visitor 1 is typing…")).toBeVisible();
  await inbox.reply.pressSequentially("Up to 12 watts");
  await expect(widget.panel.getByText("Ada Lindgren is typing")).toBeVisible();
  await inbox.sendButton.click();
  await expect(widget.messages.last()).toContainText("Up to 12 watts");
  await expect(widget.messages.last()).toHaveAccessibleName(/^Ada Lindgren, /);
  await expect(widget.panel.getByText("is typing")).toBeHidden();
  await expect(inbox.message("Up to 12 watts")).toContainText("Seen");

  await widget.composer.fill("Thank you!");
  await widget.sendButton.click();
  await widget.expectAll("Does Halo take a brighter bulb?", "Up to 12 watts", "Thank you!");
  await inbox.expectAll("Does Halo take a brighter bulb?", "Up to 12 watts", "Thank you!");
});

test("the conversation goes along to other pages of the shop", async ({ demo, person }) => {
  const page = await (await person()).newPage();
  await page.goto(demo.shop);
  const widget = new Widget(page, { heading: "Nordlys" });
  await widget.open();
  await widget.say("Is it warm white?");
  await expect(widget.message("warm white")).toContainText("Sent");
  await widget.close();
  await page.getByRole("navigation", { name: "Shop" }).getByRole("link", { name: "Help" }).click();
  await expect(page.getByRole("heading", { name: "How can we help?" })).toBeVisible();
  await page.getByRole("button", { name: "Write to us" }).click();
  await widget.expectAll("Is it warm white?");
  await page.goBack();
  await widget.launcher.click();
  await widget.expectAll("Is it warm white?");
});

test.describe(() => {
  test.use({ expectedErrors: SIGNED_OUT });

  test("a sign-in link works once, and opening it spends nothing", async ({ demo, person }) => {
    const [ada, somebody] = [await person(), await person()];
    const preview = await somebody.newPage();
    await preview.goto(demo.links[0]);
    await expect(preview.getByRole("button", { name: "Sign in" })).toBeVisible();

    const inbox = new Inbox(await ada.newPage());
    await inbox.signIn(demo.links[0]);
    expect(inbox.page.url()).not.toContain("signin");
    await inbox.page.reload();
    await expect(inbox.page.getByRole("button", { name: "Sign out" })).toBeVisible();

    await preview.getByRole("button", { name: "Sign in" }).click();
    await expect(preview.getByRole("alert")).toContainText("has been used");
    await inbox.page.getByRole("button", { name: "Sign out" }).click();
    await expect(inbox.page.getByText("You are not signed in")).toBeVisible();
  });
});

test("the binary alone, in an empty folder, has everything", async ({ dir, person, complaints }) => {
  const alone = join(dir, "alone");
  await mkdir(alone);
  await copyFile(BINARY, join(alone, "rejoin"));
  const server = new Server(alone, { binary: join(alone, "rejoin") });
  await server.start();
  await server.allow("https://shop.example");
  const inbox = new Inbox(await (await person()).newPage());
  await inbox.signIn(await server.agent("Ada Lindgren"));
  const widget = new Widget(await (await person()).newPage());
  await widget.page.goto(`${server.url}/chat/demo`);
  await widget.say("Hello from the full page");
  await inbox.open("Hello from the full page");
  await inbox.say("And from the inbox");
  await widget.expectAll("Hello from the full page", "And from the inbox");
  complaints.isOver = true;
  await server.stop();
});
