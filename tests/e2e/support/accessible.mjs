// Every rule of axe on a screen as it is, in each of its looks.
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";

const LOOKS = [
  { scheme: "light", width: 1280, height: 800 },
  { scheme: "dark", width: 1280, height: 800 },
  { scheme: "dark", width: 360, height: 740 },
  { scheme: "light", width: 360, height: 740 },
];

/** The tags of WCAG 2.0 to 2.2, levels A and AA, and what axe calls best practice. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Fails with what is wrong and where. `name` names the screen. */
export const expectAccessible = async (page, name) => {
  for (const { scheme, width, height } of LOOKS) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(TAGS).analyze();
    const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target.flat()} ${failureSummary}`)}`);
    expect(told, `${name}, ${scheme}, ${width} wide`).toEqual([]);
  }
  await page.setViewportSize({ width: LOOKS[0].width, height: LOOKS[0].height });
};
