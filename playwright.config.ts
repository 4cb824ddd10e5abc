/** Browser tests, once without and once with cross-origin isolation. They start the real server themselves. */
import { availableParallelism } from "node:os";
import { defineConfig } from "@playwright/test";
import type { SiteOptions } from "./tests/browser/fixtures.ts";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const specs = (...names: string[]) => names.map((name) => `**/${name}.spec.ts`);
const ISOLATED_ONLY = specs("bench", "page*", "embed*");
const PLAIN_ONLY = specs("failures", "listening", "network", "telemetry", "tutorial");

export default defineConfig<object, SiteOptions>({
  testDir: "tests/browser",
  globalSetup: "./tests/browser/global-setup.ts",
  outputDir: "test-results",
  // Half of a test's time is speech, which lasts as long as it is, and waiting. More than two engines that start at once would
  // only time each other out.
  workers: Math.min(2, availableParallelism()),
  timeout: 120_000,
  // What fails twice is broken. What fails once, on a machine that others load too, is listed as flaky and has to be looked into.
  retries: 1,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    headless: true,
    // The page speaks its visitor's language; the tests read Chinese unless they say otherwise.
    locale: "zh-CN",
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required",
      ],
    },
  },
  projects: [
    // What does not depend on isolation runs once: each of these tests boots an engine of its own.
    { name: "plain", use: { isolated: false }, testIgnore: ISOLATED_ONLY },
    // The harder case for what is kept: without its headers a kept page would lose its isolation.
    { name: "isolated", use: { isolated: true }, testIgnore: PLAIN_ONLY },
  ],
});
