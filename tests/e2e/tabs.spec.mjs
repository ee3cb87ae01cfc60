import { expect, test } from "./support/fixtures.mjs";

test("two tabs show one conversation", async ({ server, visit, agent }) => {
  const one = await visit();
  await one.open();
  await one.say("From the first tab");
  await expect(one.message("first tab")).toContainText("Sent");
  const two = await visit("/help");
  await two.open();
  await two.expectAll("From the first tab");
  await two.say("From the second tab");
  await one.expectAll("From the first tab", "From the second tab");
  const inbox = await agent(server);
  await inbox.open("second tab");
  await inbox.say("To both");
  for (const tab of [one, two]) await tab.expectAll("From the first tab", "From the second tab", "To both");
  await inbox.expectAll("From the first tab", "From the second tab", "To both");
});

test("first messages from two tabs at once begin one thread", async ({ server, visit, agent }) => {
  const tabs = [await visit(), await visit("/help")];
  for (const tab of tabs) await tab.open();
  await tabs[0].composer.fill("From the left");
  await tabs[1].composer.fill("From the right");
  await Promise.all(tabs.map((tab) => tab.composer.press("Enter")));
  for (const tab of tabs) {
    await expect(tab.messages).toHaveCount(2);
    for (const text of ["From the left", "From the right"]) await expect(tab.message(text)).toContainText("Sent");
  }
  const inbox = await agent(server);
  await expect(inbox.lines).toHaveCount(1);
  await inbox.open("Visitor 1");
  await expect(inbox.messages).toHaveCount(2);
});
