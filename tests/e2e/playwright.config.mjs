// End-to-end tests in Chromium against the release build (`cargo xtask e2e`). Each test has servers and data of its own, and the
// shop and the chat server are always on different sites (`localhost` beside `127.0.0.1`), as they are in life.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  outputDir: "../../target/playwright",
  reporter: "list",
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  // Nothing here sleeps; these are how long something may take on a busy machine before it counts as never.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      args: [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
