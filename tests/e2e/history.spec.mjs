import { expect, test } from "./support/fixtures.mjs";
import { answer } from "./support/seed.mjs";
import { expectKept } from "./support/storage.mjs";

/** More than a browser keeps and than two pages hold. */
const LINES = Array.from({ length: 180 }, (_, n) => `Line ${n + 1} of a long story${n % 7 ? "" : ", which is longer here so that not all rows are equally high"}`);

/** The first line of the story that is wholly in view, and where. */
const topmost = (log) =>
  log.evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll("article, li")].filter((row) => row.textContent.includes("long story"));
    const row = rows.find((row) => row.getBoundingClientRect().top >= top);
    return { line: row.textContent.match(/Line \d+ /)[0], y: row.getBoundingClientRect().top };
  });

/** How far a line that was in view has moved. */
const moved = async (log, { line, y }) =>
  log.evaluate(
    (log, [line, y]) => {
      const row = [...log.querySelectorAll("article, li")].find((row) => row.textContent.includes(line));
      return Math.abs(row.getBoundingClientRect().top - y);
    },
    [line, y],
  );

/** Goes up by the wheel until the beginning of what is loaded is so near that both ask for more. */
const wheelUp = async ({ page, log }) => {
  const above = () => log.evaluate((log) => log.getBoundingClientRect().top - log.querySelector("article, li").getBoundingClientRect().top);
  await log.hover();
  while ((await above()) > 350) await page.mouse.wheel(0, -200);
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
  await answer(inbox, LINES);
  await expectKept(widget.page, farServer.url, LINES.at(-1));
  await widget.page.reload();
  await widget.open();
  await expect(widget.message(LINES.at(-1))).toBeInViewport();
  await expect(widget.message("Tell me a long story")).toHaveCount(0);

  while (!(await widget.message("Tell me a long story").count())) {
    const count = await widget.messages.count();
    cable.hold();
    await wheelUp(widget);
    const before = await topmost(widget.log);
    cable.release();
    await expect.poll(() => widget.messages.count()).toBeGreaterThan(count);
    await still(widget.log);
    expect(await moved(widget.log, before), before.line).toBeLessThanOrEqual(1);
  }
  await widget.expectAll("Tell me a long story", ...LINES);

  await widget.page.mouse.wheel(0, 300);
  await still(widget.log);
  const before = await topmost(widget.log);
  await inbox.open("Line 180");
  await inbox.say("And that was all");
  const jump = widget.button("Jump to 1 new message");
  await expect(jump).toBeVisible();
  expect(await moved(widget.log, before), before.line).toBeLessThanOrEqual(1);
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
  await inbox.open("Line 180");
  await expect(inbox.message(LINES.at(-1))).toBeInViewport();
  const count = await inbox.messages.count();
  cable.hold();
  await wheelUp(inbox);
  const before = await topmost(inbox.log);
  cable.release();
  await expect.poll(() => inbox.messages.count()).toBeGreaterThan(count);
  await still(inbox.log);
  expect(await moved(inbox.log, before), before.line).toBeLessThanOrEqual(1);
  await widget.say("Is that all?");
  const jump = inbox.page.getByRole("button", { name: "Jump to newest" });
  await expect(jump).toContainText("1 new");
  expect(await moved(inbox.log, before), before.line).toBeLessThanOrEqual(1);
  await jump.click();
  await expect(inbox.message("Is that all?")).toBeInViewport();
  await expect(jump).toBeHidden();
});
