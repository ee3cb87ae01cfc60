// The loader's tests in a browser. They answer every address themselves, so they need neither a build nor a server.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "../loader",
  testMatch: "*.spec.mjs",
  outputDir: "../target/playwright-loader",
  reporter: "line",
  forbidOnly: true,
  fullyParallel: true,
  use: { browserName: "chromium", launchOptions: { executablePath: process.env.CHROMIUM } },
});
