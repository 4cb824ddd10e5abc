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

/** Puts a text into the field, whichever view is open. */
async function write(text: string): Promise<void> {
  await page.click("#view-write");
  await page.fill("#text", text);
}

async function saveAs(format: string): Promise<void> {
  await page.click("#save");
  await page.click(`#save-${format}`);
}

const ended = (title: string) => expect(page.locator("#reading-title")).toHaveText(title, { timeout: 30_000 });

/** What is read, without the pinyin over it. */
async function shownText(): Promise<string> {
  return page.locator("#reading-text").evaluate((view) => {
    const copy = view.cloneNode(true) as Element;
    for (const extra of copy.querySelectorAll("rt, button")) extra.remove();
    return copy.textContent ?? "";
  });
}

test("speaks the sample text, marks its words, and says how fast it was", async () => {
  const text = await page.inputValue("#text");
  await page.locator("#speed").fill("2");
  await page.click("#speak");
  await expect(page.locator("#reading mark")).not.toBeEmpty();
  expect(await shownText()).toBe(text);
  await ended("朗读完毕");
  await expect(page.locator("#metrics")).toHaveText(/首个声音 \d+ 毫秒 · 实时率 [\d.]+/);
  expect(await page.locator("#progress").evaluate((bar: HTMLProgressElement) => bar.value)).toBe(1);
  await page.locator("#speed").fill("1");
});

test("marks the word with its pinyin, one after the other", async () => {
  await write("重庆的银行。");
  await page.click("#view-read");
  await expect(page.locator("#reading ruby")).toHaveCount(5);
  // Without them Firefox writes a paragraph into one line.
  await expect(page.locator("#reading .word + wbr + .word")).toHaveCount(2);
  await page.click("#speak");
  const seen: string[] = [];
  const mark = page.locator("#reading mark");
  while ((await page.locator("body[data-app=ready]").count()) === 0) {
    const word = await mark.textContent({ timeout: 500 }).catch(() => null);
    if (word && word !== seen.at(-1)) seen.push(word);
  }
  expect(seen).toContain("重chóng庆qìng");
  expect(seen.at(-1)).toBe("银yín行háng");
});

test("pauses, goes on, stops; the keyboard does it too", async () => {
  await write("春天来了，院子里的老梅树开了花。风一吹，花瓣轻轻落在石阶上。");
  await page.focus("#text");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("body")).toHaveAttribute("data-app", "playing");
  await page.click("#pause");
  await expect(page.locator("#pause")).toHaveText("继续");
  await page.keyboard.press("Alt+P");
  await expect(page.locator("body")).toHaveAttribute("data-app", "playing");
  await page.keyboard.press("Escape");
  await ended("已停止");
  await expect(page.locator("#stop")).toBeDisabled();
  await page.keyboard.press("Alt+Slash");
  await expect(page.locator("#help")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator("#help")).toBeHidden();
  await page.keyboard.press("Alt+E");
  await expect(page.locator("#text")).toBeVisible();
});

test("who speaks and pauses by keyboard stays on the button", async () => {
  await write("春天来了，院子里的老梅树开了花。风一吹，花瓣轻轻落在石阶上。");
  // Higher than the window, so that there is somewhere to be carried off to.
  await page.setViewportSize({ width: 1280, height: 640 });
  const scrolled = () => page.evaluate(() => window.scrollY);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.focus("#speak");
  await page.keyboard.press("Enter");
  await expect(page.locator("#pause")).toBeFocused();
  expect(await scrolled()).toBe(0);
  await expect(page.locator("body")).toHaveAttribute("data-app", "playing");
  await page.keyboard.press("Space");
  await expect(page.locator("#pause")).toHaveText("继续");
  await expect(page.locator("#pause")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.locator("#stop")).toBeFocused();
  expect(await scrolled()).toBe(0);
  await page.keyboard.press("Enter");
  await expect(page.locator("#speak")).toBeFocused();
  expect(await scrolled()).toBe(0);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.click("#view-write");
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
  await ended("朗读完毕");
});

test("saves a WAV file", async () => {
  const [download] = await Promise.all([page.waitForEvent("download"), saveAs("wav")]);
  expect(download.suggestedFilename()).toMatch(/^轻声-床前明月光.*\.wav$/);
  const bytes = await readFile(await download.path());
  expect(bytes.subarray(0, 4).toString("latin1")).toBe("RIFF");
});

test("says which characters it could not read", async () => {
  await write("你好ꙮ世界。");
  await page.click("#speak");
  await expect(page.locator("#notices")).toContainText("ꙮ");
  await page.click("#stop");
});

test("explains an empty text, and stays usable", async () => {
  await write("");
  await page.click("#speak");
  await expect(page.locator("#failure-code")).toHaveText("text.empty");
  // Where something can be written, whatever was spoken before, of which nothing is shown any more.
  await expect(page.locator("#text")).toBeVisible();
  await expect(page.locator("#signal")).toHaveAttribute("data-empty", "true");
  expect(await page.locator("#progress").evaluate((bar: HTMLProgressElement) => bar.value)).toBe(0);
  // The same again would fail again; but the word about it can be put away.
  await expect(page.locator("#retry")).toBeHidden();
  await page.locator("#failure-close").press("Enter");
  await expect(page.locator("#failure")).toBeHidden();
  await expect(page.locator("#speak")).toBeFocused();
  await write(`<speak>${"字".repeat(5001)}</speak>`);
  await expect(page.locator("#count")).toHaveAttribute("data-over", "true");
  await page.click("#speak");
  await expect(page.locator("#failure-code")).toHaveText("text.too_long");
  await write("好了。");
  await page.click("#speak");
  await expect(page.locator("#failure")).toBeHidden();
  await ended("朗读完毕");
});

test("reads a text over the engine's limit in parts, from the paragraph that is chosen", async () => {
  const lines = Array.from({ length: 460 }, (_, at) => `第${at + 1}行，山高月小。`);
  await write(lines.join("\n"));
  await page.click("#view-read");
  await page.locator("#reading .paragraph").nth(450).scrollIntoViewIfNeeded();
  await page.locator("#reading .from").nth(450).click();
  await expect(page.locator("#place")).toHaveText("第 451 / 460 段");
  await page.keyboard.press("Alt+ArrowDown");
  await expect(page.locator("#place")).toHaveText("第 452 / 460 段");
  await page.click("#stop");
  await ended("已停止");
});

test("a book in one line is shown in pieces, and what comes after it does not wait for it", async () => {
  await write("山高月小，水落石出。".repeat(10_000));
  await page.click("#view-read");
  await expect(page.locator("#reading .paragraph")).toHaveCount(125);
  await expect(page.locator("#reading ruby").first()).toBeVisible();
  await write("你好\u0007。");
  await page.click("#view-read");
  await expect(page.locator("#reading ruby")).toHaveCount(2, { timeout: 5000 });
  await page.click("#speak");
  await expect(page.locator("#notices")).toContainText("U+0007");
  await ended("朗读完毕");
});

test("does not take text for HTML", async () => {
  await write("<img src=x onerror=alert(1)>你好。");
  await page.click("#speak");
  await expect(page.locator("#reading-text")).toContainText("img");
  await expect(page.locator("#reading ruby").first()).toBeVisible();
  expect(await shownText()).toBe("<img src=x onerror=alert(1)>你好。");
  expect(await page.locator("#reading-text img").count()).toBe(0);
  await page.click("#stop");
});

/** Nothing lies beyond the right edge: also of what is cut off there, which needs no scroll bar. */
async function expectFit(): Promise<void> {
  for (const view of ["read", "write"]) {
    await page.click(`#view-${view}`);
    const beyond = await page.evaluate(() =>
      [...document.querySelectorAll("body *")]
        .filter((one) => one.checkVisibility() && !one.closest("#examples, .sr-only"))
        .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 0.5)
        .map((one) => one.id || one.className || one.tagName),
    );
    expect(beyond).toEqual([]);
  }
}

test("every control has a name, and the page fits a phone", async () => {
  for (const control of await page.locator("button, select, input, textarea").all()) {
    if (await control.isVisible()) await expect(control).toHaveAccessibleName(/.+/);
  }
  // Late, and in no other test: browsers offer it where they like.
  await page.evaluate(() => window.dispatchEvent(new Event("beforeinstallprompt", { cancelable: true })));
  await expect(page.locator("#install")).toBeVisible();
  for (const width of [640, 414, 360, 320]) {
    await page.setViewportSize({ width, height: 780 });
    await expectFit();
    await page.click("#language");
    await expect(page.locator("#speak")).toHaveText("Speak");
    await expectFit();
    await page.click("#language");
    if (width === 640) continue;
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button:not(.link, .from), select, input[type=range], summary, label.check")]
        .filter((one) => one.checkVisibility())
        .map((one) => ({ name: one.id || one.className, ...one.getBoundingClientRect().toJSON() }))
        .filter(({ width, height }) => width < 43.5 || height < 43.5)
        .map(({ name, width, height }) => `${name} ${width} × ${height}`),
    );
    expect(small).toEqual([]);
  }
  // A desktop window magnified to 200 %: the text keeps most of it.
  await page.setViewportSize({ width: 640, height: 450 });
  const dock = await page.locator(".dock").boundingBox();
  expect(dock?.height).toBeLessThan(0.3 * 450);
  await page.setViewportSize({ width: 1280, height: 900 });
});

test("on a phone a finger on the first character of a paragraph picks it, and the button before it stands on its line", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await write("山高月小。\n水落石出。");
  await page.click("#view-read");
  await expect(page.locator("#reading ruby")).toHaveCount(8);
  const seen = await page.locator("#reading .paragraph").evaluateAll((paragraphs) =>
    paragraphs.map((one) => {
      const first = (one.querySelector("ruby") as Element).getBoundingClientRect();
      const from = (one.querySelector(".from") as Element).getBoundingClientRect();
      const middle = (first.top + first.bottom) / 2;
      const touched = document.elementFromPoint(first.left + 2, middle);
      return { picks: touched?.closest("ruby") !== null, off: Math.abs((from.top + from.bottom) / 2 - middle) };
    }),
  );
  expect(seen.map(({ picks }) => picks)).toEqual([true, true]);
  for (const { off } of seen) expect(off).toBeLessThan(8);
  await page.setViewportSize({ width: 1280, height: 900 });
});

test("asked no other origin, and nothing broke the content security policy", async ({ server }) => {
  expect(foreign(asked, server)).toEqual([]);
  expect(errors.filter((error) => !error.includes("404"))).toEqual([]);
});
