import { expect, test, Inbox } from "./support/fixtures.mjs";

/** Presses `key` until `target` has the focus; a person gives up sooner. */
const reach = async (target, key = "Tab") => {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 15; presses++) {
    if (await target.evaluate((node) => node.getRootNode().activeElement === node)) return;
    await target.page().keyboard.press(key);
  }
  await expect(target).toBeFocused();
};

test("a customer needs no pointer", async ({ server, visit, agent }) => {
  const widget = await visit();
  const { keyboard } = widget.page;
  await reach(widget.launcher);
  await keyboard.press("Enter");
  await expect(widget.composer).toBeFocused();
  await keyboard.type("First line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await expect(widget.messages).toHaveText([/First linesecond line/]);
  await expect(widget.composer).toBeFocused();
  const inbox = await agent(server);
  await inbox.open("First line");
  await inbox.say("An answer");
  await expect(widget.message("An answer")).toBeVisible();
  await reach(widget.log, "Shift+Tab");
  await reach(widget.closeButton, "Shift+Tab");
  await reach(widget.composer);
  await keyboard.press("Escape");
  await expect(widget.panel).toBeHidden();
  await expect(widget.launcher).toBeFocused();
  await expect(widget.launcher).toHaveAccessibleName("Open chat");
  await keyboard.press("Space");
  await expect(widget.composer).toBeFocused();
  await reach(widget.closeButton, "Shift+Tab");
  await keyboard.press("Enter");
  await expect(widget.launcher).toBeFocused();
});

test("what is closed cannot be reached by the keyboard", async ({ server, visit }) => {
  const widget = await visit();
  await widget.open();
  await widget.close();
  await expect(widget.launcher).toBeFocused();
  for (const key of ["Tab", "Tab", "Tab", "Tab", "Tab", "Tab"]) {
    await widget.page.keyboard.press(key);
    const focused = await widget.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className ?? "page");
    expect(["page", "launcher"]).toContain(focused);
  }
});

test("an agent needs no pointer", async ({ server, visit, person, customer }) => {
  const [one, two] = [await visit(), await visit("/", await person())];
  for (const [widget, text] of [[one, "The earlier one"], [two, "The later one"]]) {
    await widget.open();
    await widget.say(text);
    await expect(widget.message(text)).toContainText("Sent");
  }
  const inbox = new Inbox(await (await person()).newPage());
  const { keyboard } = inbox.page;
  await inbox.page.goto(await server.agent("Ada Lindgren"));
  await reach(inbox.page.getByRole("button", { name: "Sign in" }));
  await keyboard.press("Enter");
  await expect(inbox.lines).toHaveText([/The later one/, /The earlier one/]);
  await reach(inbox.lines.first());
  await keyboard.press("ArrowDown");
  await expect(inbox.lines.nth(1)).toBeFocused();
  await keyboard.press("Enter");
  await expect(inbox.reply).toBeFocused();
  await keyboard.type("Hello early");
  await keyboard.press("Enter");
  await one.expectAll("The earlier one", "Hello early");
  await expect(inbox.reply).toBeFocused();
  await reach(inbox.log, "Shift+Tab");
  await reach(inbox.reply);
  await keyboard.press("Escape");
  await expect(inbox.lines.filter({ hasText: "Hello early" })).toBeFocused();
  await keyboard.press("j");
  await expect(inbox.lines.filter({ hasText: "The later one" })).toBeFocused();
  await keyboard.press("Enter");
  await expect(inbox.reply).toBeFocused();
  await keyboard.type("Hello late");
  await keyboard.press("Enter");
  await two.expectAll("The later one", "Hello late");
});
