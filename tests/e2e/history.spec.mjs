import { expect, test } from "./support/fixtures.mjs";
import { answer } from "./support/seed.mjs";

const LINES = Array.from({ length: 120 }, (_, n) => `Line ${n + 1} of a long story${n % 7 ? "" : ", which is longer here so that not all rows are equally high"}`);

/** The first message that is wholly in view, and where. */
const topmost = (log) =>
  log.evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll("article, li")];
    const row = rows.find((row) => row.getBoundingClientRect().top >= top);
    return { text: row.textContent, y: row.getBoundingClientRect().top };
  });

/** Where the message with this text is now. */
const placeOf = (log, text) =>
  log.evaluate((log, text) => {
    const row = [...log.querySelectorAll("article, li")].find((row) => row.textContent === text);
    return row.getBoundingClientRect().top;
  }, text);

/** Goes up by the wheel until the beginning of what is loaded is near enough for more to be wanted. */
const wheelUp = async ({ page, log }) => {
  await log.hover();
  await page.mouse.wheel(0, -400);
  while (await log.evaluate((log) => log.scrollTop > 350)) await page.mouse.wheel(0, -200);
  await still(log);
};

/** Waits until the log has stopped moving. */
const still = (log) =>
  log.evaluate(async (log) => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let before = -1, same = 0; same < 5; before = log.scrollTop) {
      await frame();
      same = log.scrollTop === before ? same + 1 : 0;
    }
  });

test("reading older history never moves what is being read", async ({ farServer, cable, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Tell me a long story");
  const inbox = await agent(farServer);
  await expect(inbox.lines).toHaveCount(1);
  await widget.page.goto("about:blank");
  await answer(inbox, LINES);
  await widget.page.goBack();
  await widget.launcher.click();
  await expect(widget.message(LINES.at(-1))).toBeVisible();

  for (let pages = 0; !(await widget.message("Tell me a long story").count()); pages++) {
    expect(pages, "pages of history").toBeLessThan(5);
    const count = await widget.messages.count();
    cable.hold();
    await wheelUp(widget);
    const before = await topmost(widget.log);
    cable.release();
    await expect.poll(() => widget.messages.count()).toBeGreaterThan(count);
    await still(widget.log);
    expect(Math.abs((await placeOf(widget.log, before.text)) - before.y), before.text).toBeLessThanOrEqual(1);
  }
  await widget.expectAll("Tell me a long story", ...LINES);

  await widget.page.mouse.wheel(0, 300);
  await still(widget.log);
  const before = await topmost(widget.log);
  await inbox.open("Line 120");
  await inbox.say("And that was all");
  const jump = widget.button("Jump to 1 new message");
  await expect(jump).toBeVisible();
  expect(await placeOf(widget.log, before.text)).toBe(before.y);
  await jump.click();
  await expect(widget.message("And that was all")).toBeInViewport();
  await expect(jump).toBeHidden();
  await expect(widget.button(/Jump/)).toBeHidden();
});

test("the inbox keeps its place as well", async ({ farServer, cable, visit, agent }) => {
  const widget = await visit();
  await widget.open();
  await widget.say("Tell me a long story");
  const inbox = await agent(farServer);
  await expect(inbox.lines).toHaveCount(1);
  await answer(inbox, LINES);
  await inbox.open("Line 120");
  await expect(inbox.message(LINES.at(-1))).toBeInViewport();
  const count = await inbox.messages.count();
  cable.hold();
  await wheelUp(inbox);
  const before = await topmost(inbox.log);
  cable.release();
  await expect.poll(() => inbox.messages.count()).toBeGreaterThan(count);
  await still(inbox.log);
  expect(Math.abs((await placeOf(inbox.log, before.text)) - before.y), before.text).toBeLessThanOrEqual(1);
  await widget.say("Is that all?");
  const jump = inbox.page.getByRole("button", { name: "Jump to newest" });
  await expect(jump).toContainText("1 new");
  expect(Math.abs((await placeOf(inbox.log, before.text)) - before.y)).toBeLessThanOrEqual(1);
  await jump.click();
  await expect(inbox.message("Is that all?")).toBeInViewport();
  await expect(jump).toBeHidden();
});
