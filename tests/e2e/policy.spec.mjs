import { expect, test, Widget } from "./support/fixtures.mjs";

test("under the strictest policy and Trusted Types everything works and nothing is reported", async ({ server, shop, customer, agent }) => {
  const chat = server.url;
  shop.policy =
    `default-src 'none'; script-src ${chat} 'wasm-unsafe-eval'; connect-src ${chat} ${chat.replace("http", "ws")}; img-src ${chat} blob:; ` +
    "style-src 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
  await customer.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
  });
  const widget = new Widget(await customer.newPage());
  await widget.page.goto(shop.url);
  await widget.open();
  await widget.say("Strict enough? https://shop.example/lamps");
  const inbox = await agent(server);
  await inbox.open("Strict enough?");
  await inbox.reply.pressSequentially("Yes\nindeed".replace("\n", " "));
  await expect(widget.panel.getByText("is typing")).toBeVisible();
  await inbox.sendButton.click();
  await widget.expectAll("Strict enough?", "Yes indeed");
  await expect(widget.log.getByRole("link")).toHaveAttribute("href", "https://shop.example/lamps");
  await widget.close();
  await inbox.say("Are you there?");
  await widget.named("Open chat, 1 unread").click();
  await expect(widget.message("Are you there?")).toBeInViewport();
  await widget.page.reload();
  await widget.open();
  await widget.expectAll("Strict enough?", "Yes indeed", "Are you there?");
  await widget.page.evaluate(() => Rejoin.destroy());
  await expect(widget.launcher).toBeHidden();
  expect(await widget.page.evaluate(() => violations)).toEqual([]);
});

test("what people write is text, whatever it looks like", async ({ server, visit, agent }) => {
  const hostile = `<img src=x onerror="document.title='broken'"><script>document.title='broken'</script> javascript:alert(1) {{7*7}}`;
  const widget = await visit();
  await widget.open();
  await widget.say(hostile);
  const inbox = await agent(server);
  await inbox.open("img src=x");
  await inbox.expectAll(hostile);
  await inbox.say(hostile);
  await widget.expectAll(hostile, hostile);
  for (const page of [widget.page, inbox.page]) {
    await expect(page).not.toHaveTitle("broken");
    await expect(page.getByRole("log").getByRole("link")).toHaveCount(0);
    await expect(page.getByRole("log").getByRole("img", { includeHidden: false })).toHaveCount(0);
  }
});

test("a page of another origin is told that it may not use the chat", async ({ server, shop, customer }) => {
  const widget = new Widget(await customer.newPage());
  await widget.page.goto(shop.url.replace("localhost", "127.0.0.1"));
  await widget.launcher.click();
  await expect(widget.status).toHaveText("This page is not allowed to use this chat");
  await widget.composer.fill("Let me in");
  await widget.composer.press("Enter");
  await expect(widget.status).toHaveText("This page is not allowed to use this chat");
  expect(await server.command("check")).toContain("0 threads");
});
