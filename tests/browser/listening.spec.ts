/** A whole listening test: blind trials, answers kept by the server, results behind the token. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { SITE } from "./places.ts";
import { SiteServer } from "./server.ts";

const TOKEN = "a token of some length";
const TRIALS = 4;

test.describe.configure({ mode: "serial" });

let server: SiteServer;
let page: Page;
const complaints: string[] = [];

test.beforeAll(async ({ browser, isolated }) => {
  const file = join(mkdtempSync(join(tmpdir(), "listening-")), "answers.sqlite");
  server = await SiteServer.start(SITE, isolated, ["--listening", file, "--listening-token", TOKEN]);
  const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 360, height: 760 } });
  page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  // A listener in a hurry: what is played is over sooner.
  await page.addInitScript(() => {
    const plain = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (...given) {
      this.playbackRate.value = 8;
      plain.apply(this, given);
    };
  });
});

test.afterAll(async () => {
  await page.context().close();
  await server.stop();
});

async function wide(): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

async function shot(name: string): Promise<void> {
  const folder = process.env.SHOTS;
  if (!folder) return;
  await page.screenshot({ path: `${folder}/${name}-phone.png`, fullPage: true });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.screenshot({ path: `${folder}/${name}-desktop.png`, fullPage: true });
  await page.setViewportSize({ width: 360, height: 760 });
}

/** Listens to both and answers, by keyboard only. */
async function answer(preference: number): Promise<string> {
  await expect(page.locator("form.trial")).toBeVisible({ timeout: 60_000 });
  const text = (await page.locator(".spoken").textContent()) ?? "";
  await expect(page.locator(".answers")).toHaveAttribute("disabled");
  for (const key of ["a", "b"]) {
    await page.keyboard.press(key);
    const button = page.locator(".player").nth(key === "a" ? 0 : 1);
    await expect(button).toHaveAttribute("data-state", "playing");
    await expect(button).toHaveAttribute("data-state", "heard", { timeout: 60_000 });
  }
  await expect(page.locator(".answers")).not.toHaveAttribute("disabled");
  await page.locator("input[name=preference]").nth(preference).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await expect(page.locator(".note")).toHaveText("还有没回答的问题。");
  const ratings = page.locator(".rating");
  for (let at = 0; at < (await ratings.count()); at++) {
    await ratings
      .nth(at)
      .locator("input")
      .nth(at % 2 === 0 ? 1 : 3)
      .focus();
    await page.keyboard.press("Space");
  }
  return text;
}

test("a listener answers all trials of one part, blind, by keyboard, at 360 pixels", async () => {
  test.setTimeout(300_000);
  await page.goto(`${server.url}listening/`);
  await expect(page.locator(".scenario")).toHaveCount(4);
  expect(await wide()).toBeLessThanOrEqual(0);
  await shot("home");
  await page.locator("[data-scenario=assistant] button").click();
  const texts = new Set<string>();
  for (let at = 0; at < TRIALS; at++) {
    await expect(page.locator("#place")).toHaveText(`第 ${at + 1} 题，共 ${TRIALS} 题`, { timeout: 90_000 });
    texts.add(await answer(at === 0 ? 1 : 2));
    expect(await page.locator("main").innerText()).not.toMatch(/plain|styled/);
    if (at === 0) {
      expect(await wide()).toBeLessThanOrEqual(0);
      await shot("trial");
    }
    await page.keyboard.press("Enter");
  }
  await expect(page.locator(".thanks")).toBeVisible();
  expect(texts.size).toBe(TRIALS);
  await page.reload();
  await expect(page.locator("[data-scenario=assistant]")).toContainText(`已完成 ${TRIALS} / ${TRIALS}`);
});

test("both sides have the same loudness", async () => {
  const levels = await page.evaluate(async () => {
    const played: number[] = [];
    const plain = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (...given) {
      const samples = this.buffer?.getChannelData(0) ?? new Float32Array();
      played.push(Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length));
      plain.apply(this, given);
    };
    const press = (selector: string) => document.querySelector<HTMLButtonElement>(selector)?.click();
    const until = async (found: () => boolean) => {
      while (!found()) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    press("[data-scenario=audiobook] button");
    await until(() => document.querySelectorAll(".player").length === 2);
    for (const side of ["first", "last"]) {
      press(`.player:${side}-child`);
      await until(() => played.length > (side === "first" ? 0 : 1));
    }
    AudioBufferSourceNode.prototype.start = plain;
    return played;
  });
  expect(levels.length).toBe(2);
  const [left = 0, right = 0] = levels;
  expect(left).toBeGreaterThan(0.005);
  expect(Math.abs(20 * Math.log10(left / right))).toBeLessThan(1);
});

test("the language changes and stays", async () => {
  await page.goto(`${server.url}listening/`);
  await page.click("#language");
  await expect(page.locator("#title")).toHaveText("Listening test");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.reload();
  await expect(page.locator(".scenario h2").first()).toHaveText("Customer service");
  await page.click("#language");
});

test("the results need the token, and show a chart with the same as a table", async () => {
  await page.goto(`${server.url}listening/#results`);
  await page.reload();
  await page.fill("#token", "a wrong token, long");
  await page.keyboard.press("Enter");
  await expect(page.locator(".failure")).toContainText("口令");
  await page.click(".failure button");
  await page.fill("#token", TOKEN);
  await page.keyboard.press("Enter");
  const result = page.locator(".result");
  await expect(result).toHaveCount(1);
  await expect(result.locator("svg.chart")).toHaveCount(2);
  // One "no difference", three on the right, which each system was twice out of four.
  await expect(result.locator("tbody").first()).toContainText(/1 \/ 1 \/ 2|2 \/ 1 \/ 1/);
  await expect(result.locator("tbody").last()).toContainText("加权总分");
  await expect(result.locator("svg.chart circle")).toHaveCount(1 + 2 * 4);
  expect(await wide()).toBeLessThanOrEqual(0);
  // Nothing of the preferences lies beyond the edge of a phone.
  expect(
    await result
      .locator(".scroll")
      .first()
      .evaluate((box) => box.scrollWidth - box.clientWidth),
  ).toBe(0);
  await shot("results");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("下载 CSV").click()]);
  expect(download.suggestedFilename()).toBe("listening.csv");
});

test("nothing was refused by the content policy, and nothing failed", () => {
  expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
});

test("a server without listening tests says so", async ({ browser, server: plain }) => {
  const context = await browser.newContext({ locale: "en-GB" });
  const other = await context.newPage();
  await other.goto(`${plain.url}listening/`);
  await expect(other.locator(".failure")).toContainText("no listening test");
  await context.close();
});
