// The pictures in the README: taken of this build, and only when asked for, because they are committed.
//
//   REJOIN_SHOTS=1 cargo xtask e2e shots
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, Inbox, test, Widget } from "./support/fixtures.mjs";
import { inFewColours } from "./support/png.mjs";

/** Larger ones do not belong into the history of a repository. */
const BYTES_MAX = 150_000;

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));

test.skip(!process.env.REJOIN_SHOTS, "only with REJOIN_SHOTS=1");

for (const colorScheme of ["light", "dark"]) {
  test(`pictures for the README, ${colorScheme}`, async ({ demo, person }) => {
    const looks = { colorScheme, deviceScaleFactor: 2, reducedMotion: "reduce", locale: "en-GB" };
    const others = [
      ["Do you ship to Norway?", "Yes, in five working days."],
      ["The dimmer on my Elv hums a little. Is that normal?", "It should not. I will send you a new one today."],
    ];
    const inbox = new Inbox(await (await person({ ...looks, viewport: { width: 1080, height: 640 } })).newPage());
    await inbox.signIn(demo.links[0]);
    for (const [question, answer] of others) {
      const other = new Widget(await (await person()).newPage(), { heading: "Nordlys" });
      await other.page.goto(demo.shop);
      await other.open();
      await other.say(question);
      await inbox.open(question);
      await inbox.say(answer);
      await expect(other.message(answer)).toBeVisible();
    }

    const widget = new Widget(await (await person({ ...looks, viewport: { width: 1000, height: 740 } })).newPage(), { heading: "Nordlys" });
    await widget.page.goto(new URL("halo.html", demo.shop).href);
    await widget.open();
    await widget.say("Hi! Is Halo bright enough for six?");
    await inbox.open("Is Halo bright enough");
    await inbox.say("For dinner, yes. If you also work there, take the wider shade.");
    await expect(widget.message("wider shade")).toBeVisible();
    await widget.say("We do homework there, so the wider one. Can I swap it later?");
    await inbox.say("Any evening within the first hundred.");
    await expect(widget.message("Any evening")).toBeVisible();
    await widget.say("Then that is settled, thank you!");
    await expect(widget.message("settled")).toContainText("Seen");
    await expect(inbox.message("Any evening")).toContainText("Seen");

    const late = new Widget(await (await person()).newPage(), { heading: "Nordlys" });
    await late.page.goto(demo.shop);
    await late.open();
    await late.say("My Birk arrived with a crack in the foot. What shall I do?");
    await expect(inbox.lines.first()).toContainText("Birk");

    const suffix = colorScheme === "dark" ? "-dark" : "";
    await inbox.page.mouse.move(0, 0);
    await picture(widget.page, `widget${suffix}.png`);
    await picture(inbox.page, `inbox${suffix}.png`);
  });
}

const picture = async (page, name) => {
  const shot = await page.screenshot({ animations: "disabled", caret: "hide" });
  const blank = await page.context().browser().newPage();
  const small = await inFewColours(blank, shot);
  await blank.close();
  expect(small.length, name).toBeLessThan(BYTES_MAX);
  await mkdir(IMAGES, { recursive: true });
  await writeFile(IMAGES + name, small);
};
