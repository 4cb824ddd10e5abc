/** The demonstration page, as a visitor uses it. One visit for all tests: a boot takes seconds. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, foreign, openReady, recordRequests, test } from "./fixtures.ts";

test.describe.configure({ mode: "serial" });

let page: Page;
let asked: string[];
const errors: string[] = [];

test.beforeAll(async ({ browser, server }) => {
  const context = await browser.newContext({ serviceWorkers: "block", acceptDownloads: true });
  asked = recordRequests(context);
  page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  await openReady(page, server.url);
});

test.afterAll(() => page.context().close());

test("speaks the sample text, marks its words, and says how fast it was", async () => {
  await page.click("#speak");
  await expect(page.locator("#reading mark")).not.toBeEmpty();
  const text = await page.inputValue("#text");
  expect(text).toContain(await page.locator("#reading mark").textContent());
  await expect(page.locator("#reading-text")).toHaveText(text);
  await expect(page.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 30_000 });
  await expect(page.locator("#metrics")).toHaveText(/首个声音 \d+ 毫秒 · 实时率 [\d.]+/);
});

test("pauses, goes on, stops; the keyboard does it too", async () => {
  await page.focus("#text");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("body")).toHaveAttribute("data-app", "playing");
  await page.click("#pause");
  await expect(page.locator("#pause")).toHaveText("继续");
  await page.click("#pause");
  await expect(page.locator("body")).toHaveAttribute("data-app", "playing");
  await page.keyboard.press("Escape");
  await expect(page.locator("#reading-title")).toHaveText("已停止");
  await expect(page.locator("#stop")).toBeDisabled();
});

test("takes an example, another voice and other settings", async () => {
  await page.click("text=唐诗");
  await expect(page.locator("#text")).toHaveValue(/床前明月光/);
  await page.selectOption("#voice", "silent/high");
  await page.locator("#speed").fill("2");
  await expect(page.locator("#speed-value")).toHaveText("2.00×");
  await page.locator("#pitch").fill("-3");
  await expect(page.locator("#pitch-value")).toHaveText("−3 半音");
  await page.click("#speak");
  await expect(page.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 30_000 });
});

test("saves a WAV file", async () => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
  expect(download.suggestedFilename()).toMatch(/^轻声-床前明月光.*\.wav$/);
  const bytes = await readFile(await download.path());
  expect(bytes.subarray(0, 4).toString("latin1")).toBe("RIFF");
});

test("says which characters it could not read", async () => {
  await page.fill("#text", "你好ꙮ世界。");
  await page.click("#speak");
  await expect(page.locator("#notices")).toContainText("ꙮ");
  await page.click("#stop");
});

test("explains an empty and an over-long text, and stays usable", async () => {
  await page.fill("#text", "");
  await page.click("#speak");
  await expect(page.locator("#failure-code")).toHaveText("text.empty");
  await page.fill("#text", "字".repeat(5001));
  await expect(page.locator("#count")).toHaveAttribute("data-over", "true");
  await page.click("#speak");
  await expect(page.locator("#failure-code")).toHaveText("text.too_long");
  await page.fill("#text", "好了。");
  await page.click("#speak");
  await expect(page.locator("#failure")).toBeHidden();
  await expect(page.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 30_000 });
});

test("does not take text for HTML", async () => {
  await page.fill("#text", "<img src=x onerror=alert(1)>你好。");
  await page.click("#speak");
  await expect(page.locator("#reading-text")).toContainText("<img");
  expect(await page.locator("#reading-text img").count()).toBe(0);
  await page.click("#stop");
});

test("every control has a name, and the page fits a phone", async () => {
  for (const control of await page.locator("button, select, input, textarea").all()) {
    if (await control.isVisible()) await expect(control).toHaveAccessibleName(/.+/);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 900 });
});

test("asked no other origin, and nothing broke the content security policy", async ({ server }) => {
  expect(foreign(asked, server)).toEqual([]);
  expect(errors.filter((error) => !error.includes("404"))).toEqual([]);
});
