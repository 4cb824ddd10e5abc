/** Several tabs of one site: what they share is not spoilt, and a new version waits until they are silent. */
import type { BrowserContext, Page } from "@playwright/test";
import { expect, openReady, test } from "./fixtures.ts";
import { NEWER_SITE, SITE } from "./places.ts";
import { SiteServer } from "./server.ts";

test.describe.configure({ mode: "serial" });

let server: SiteServer;
let context: BrowserContext;
let tabs: [Page, Page];

test.beforeAll(async ({ browser, isolated }) => {
  server = await SiteServer.start(SITE, isolated);
  context = await browser.newContext();
  await context.addInitScript(() => localStorage.setItem("qingsheng.settings", JSON.stringify({ speed: 2 })));
  tabs = [await context.newPage(), await context.newPage()];
});

test.afterAll(async () => {
  await context.close();
  await server.stop();
});

const ready = (page: Page) => expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 90_000 });
/** What is over within a second may never be seen. */
const playing = (page: Page) =>
  expect(page.locator("body")).toHaveAttribute("data-app", "playing", { timeout: 30_000 });

async function read(page: Page, text: string): Promise<void> {
  await page.click("#view-write");
  await page.fill("#text", text);
  await page.click("#speak");
  await playing(page);
}

test("two tabs that start at once both speak, in turns, and every file that is kept is what its name says", async () => {
  test.setTimeout(240_000);
  await Promise.all(tabs.map((tab) => openReady(tab, server.url)));
  const [first, second] = tabs;
  const paused = (tab: Page) => expect(tab.locator("#reading-title")).toHaveText("已暂停");
  await read(first, `第一页。${"山高月小，水落石出。".repeat(3)}`);
  // Who begins or goes on is heard; the other waits.
  await read(second, `第二页。${"山高月小，水落石出。".repeat(3)}`);
  await paused(first);
  await first.click("#pause");
  await paused(second);
  await expect(first.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 60_000 });
  await paused(second);
  await second.click("#pause");
  for (const tab of tabs) {
    await expect(tab.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 60_000 });
    await expect(tab.locator("#offline")).toHaveAttribute("data-state", "ready", { timeout: 60_000 });
  }
  const kept = await tabs[0].evaluate(async () => {
    const cache = await caches.open(`qingsheng-files-1 ${new URL(".", document.baseURI).href}`);
    const found = [];
    for (const request of await cache.keys()) {
      const [, kind, digest] = new URL(request.url).pathname.split("/");
      const bytes = await (await cache.match(request))?.arrayBuffer();
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes ?? new ArrayBuffer()));
      const actual = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
      found.push({ kind, sound: actual === digest });
    }
    return found;
  });
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.filter(({ kind, sound }) => kind !== "file" || !sound)).toEqual([]);
});

test("what is kept in one tab is not lost to another, and a reload brings back the tab's own text", async () => {
  for (const [at, [word, syllable, pinyin]] of (
    [
      ["银行", 1, "xing2"],
      ["重庆", 0, "zhong4"],
    ] as const
  ).entries()) {
    const tab = tabs[at] as Page;
    await tab.click("#view-write");
    await tab.fill("#text", `${word}在这里。`);
    await tab.click("#view-read");
    await tab.locator("#reading ruby").nth(syllable).click();
    await tab.fill("#correction-own", pinyin);
    await tab.click("#correction-form button");
    await expect(tab.locator("#correction")).toBeHidden();
  }
  for (const tab of tabs) {
    await tab.click("#open-words");
    await expect(tab.locator("#words-list strong")).toHaveText(["银行", "重庆"]);
    await tab.keyboard.press("Escape");
    await tab.click("#open-history");
    await expect(tab.locator("#history-list .entry")).toHaveCount(2);
    await tab.keyboard.press("Escape");
  }
  const [first] = tabs;
  await first.reload();
  await ready(first);
  await expect(first.locator("#text")).toHaveValue("银行在这里。");
});

test("a new version is offered while one tab speaks, waits for it, and then both have it, the place kept", async () => {
  test.setTimeout(240_000);
  const [speaking, other] = tabs;
  await server.restart(NEWER_SITE);
  const text = Array.from({ length: 60 }, (_, at) => `第${at + 1}段，山高月小。`).join("\n");
  await read(speaking, text);
  await other.reload();
  await ready(other);
  for (const tab of tabs) await expect(tab.locator("#update")).toBeVisible({ timeout: 30_000 });
  let loads = 0;
  for (const tab of tabs) tab.on("load", () => (loads += 1));
  await other.click("#apply-update");
  await expect(other.locator("#update-text")).toHaveText("朗读结束后就更新。");
  const before = await speaking.locator("#place").textContent();
  await expect(speaking.locator("#place")).not.toHaveText(before ?? "", { timeout: 30_000 });
  await playing(speaking);
  expect(loads).toBe(0);
  expect(await speaking.content()).not.toContain("<!-- newer -->");
  await speaking.click("#pause");
  expect(loads).toBe(0);
  await Promise.all([...tabs.map((tab) => tab.waitForEvent("load")), speaking.click("#stop")]);
  for (const tab of tabs) {
    await ready(tab);
    expect(await tab.content()).toContain("<!-- newer -->");
  }
  await expect(speaking.locator("#text")).toHaveValue(text);
  await read(other, "山高月小，水落石出。".repeat(3));
});
