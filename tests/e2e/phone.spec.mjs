import { expect, test, Widget } from "./support/fixtures.mjs";

const SCREEN = { width: 360, height: 740 };
const PHONE = { viewport: SCREEN, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** Whether presses anywhere in a square of 44 px around the middle of `button` are its own, however small it looks. */
const hitByThumb = (button) =>
  button.evaluate((node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const corners = [-21.5, 21.5].flatMap((x) => [-21.5, 21.5].map((y) => [left + width / 2 + x, top + height / 2 + y]));
    return corners.every(([x, y]) => node.contains(node.getRootNode().elementFromPoint(x, y)));
  });

test("on a phone the panel fills the screen and everything is in reach", async ({ server, shop, person, agent }) => {
  const widget = new Widget(await (await person(PHONE)).newPage());
  await widget.page.goto(shop.url);
  await widget.launcher.tap();
  await expect(widget.panel).toBeVisible();
  await expect.poll(() => widget.panel.boundingBox()).toEqual({ x: 0, y: 0, ...SCREEN });
  await expect(widget.composer).toBeInViewport({ ratio: 1 });
  await widget.composer.tap();
  await widget.composer.fill("From the train");
  await expect(widget.sendButton).toBeInViewport({ ratio: 1 });
  await widget.sendButton.tap();
  await widget.expectAll("From the train");
  const inbox = await agent(server);
  await inbox.open("From the train");
  await inbox.say("Have a good trip");
  await expect(widget.messages.last()).toContainText("Have a good trip");

  // As much as the on-screen keyboard takes.
  await widget.page.setViewportSize({ width: SCREEN.width, height: 380 });
  await expect(widget.composer).toBeInViewport({ ratio: 1 });
  await expect(widget.messages.last()).toBeInViewport();
  await widget.page.setViewportSize(SCREEN);

  for (const button of [widget.closeButton, widget.sendButton]) expect(await hitByThumb(button)).toBe(true);
  expect(await widget.page.evaluate(() => document.documentElement.scrollWidth)).toBe(SCREEN.width);
  await widget.closeButton.tap();
  await expect(widget.panel).toBeHidden();
  await expect(widget.launcher).toBeInViewport({ ratio: 1 });
});

test("on a phone the inbox's list and thread take turns", async ({ server, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Hello");
  const inbox = await agent(server, "Ada Lindgren", PHONE);
  await inbox.lines.filter({ hasText: "Hello" }).tap();
  await expect(inbox.reply).toBeInViewport({ ratio: 1 });
  await expect(inbox.threads).toBeHidden();
  await inbox.say("Hello from the phone");
  await widget.expectAll("Hello", "Hello from the phone");
  await inbox.page.getByRole("link", { name: "Back to the list" }).tap();
  await expect(inbox.threads).toBeVisible();
  await expect(inbox.reply).toBeHidden();
  await inbox.lines.first().tap();
  await expect(inbox.reply).toBeVisible();
  await inbox.page.goBack();
  await expect(inbox.threads).toBeVisible();
});

test("German words", async ({ server, shop, customer }) => {
  shop.attributes = { locale: "de" };
  const page = await customer.newPage();
  await page.goto(shop.url);
  const widget = new Widget(page, { messages: "Nachrichten", message: "Nachricht", send: "Senden", close: "Schließen" });
  await widget.open();
  await expect(widget.panel).toContainText("Guten Tag! Wie können wir helfen?");
  await widget.say("Grüße");
  await expect(widget.message("Grüße")).toContainText("Gesendet");
  await expect(widget.log).toContainText("heute", { ignoreCase: true });
});

test("Arabic words, from right to left", async ({ server, shop, customer, agent }) => {
  shop.attributes = { locale: "ar" };
  const page = await customer.newPage();
  await page.goto(shop.url);
  const widget = new Widget(page, { heading: "محادثة", messages: "الرسائل", message: "رسالة", send: "إرسال", close: "إغلاق" });
  await widget.open();
  await widget.say("مرحبًا");
  await expect(widget.message("مرحبًا")).toContainText("أُرسلت");
  const inbox = await agent(server);
  await inbox.open("مرحبًا");
  await inbox.say("أهلًا وسهلًا");
  await expect(widget.message("أهلًا وسهلًا")).toBeVisible();
  const centre = async (locator) => {
    const { x, width } = await locator.boundingBox();
    return x + width / 2;
  };
  const middle = await centre(widget.panel);
  expect(await centre(widget.message("مرحبًا").getByText("مرحبًا", { exact: true }))).toBeLessThan(middle);
  expect(await centre(widget.message("أهلًا").getByText("أهلًا وسهلًا", { exact: true }))).toBeGreaterThan(middle);
  expect(await centre(widget.sendButton)).toBeLessThan(middle);
  expect(await centre(widget.closeButton)).toBeLessThan(middle);
});
