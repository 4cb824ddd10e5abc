/** Browser tests, once without and once with cross-origin isolation. They start the real server themselves. */
import { availableParallelism } from "node:os";
import { defineConfig } from "@playwright/test";
import type { SiteOptions } from "./tests/browser/fixtures.ts";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const specs = (...names: string[]) => names.map((name) => `**/${name}.spec.ts`);
/** What depends on isolation, or on how fast or from where compiled code comes: run without it and with it. */
const ENGINE = specs("memory", "offline", "speech", "streaming", "styles", "voice");
const PAGE = specs("page*", "embed*");
const VISITS = specs("bundler", "failures", "listening", "network", "telemetry", "tutorial");

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--autoplay-policy=no-user-gesture-required",
];
const launched = (...further: string[]) => ({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...further] });
/**
 * Each of these tests boots an engine of its own, for seconds: half of what a boot costs the processors is V8 compiling the same
 * WebAssembly a second time, better, which pays for longer visits only. The first compiler's code does the same.
 */
const SHORT_VISITS = launched("--js-flags=--liftoff-only");

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
    launchOptions: launched(),
  },
  // The long ones first, so that no processor waits for the last of them.
  projects: [
    { name: "page", use: { isolated: true, launchOptions: SHORT_VISITS }, testMatch: PAGE },
    { name: "visits", use: { isolated: false, launchOptions: SHORT_VISITS }, testMatch: VISITS },
    // The harder case for what is kept: without its headers a kept page would lose its isolation.
    { name: "isolated", use: { isolated: true }, testMatch: [...ENGINE, ...specs("bench")] },
    { name: "plain", use: { isolated: false }, testMatch: ENGINE, grepInvert: /@once/ },
  ],
});
