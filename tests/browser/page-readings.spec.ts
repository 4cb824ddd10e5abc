/** Pinyin over the characters, and readings corrected by hand: with the real voice where the build has one. */
import type { Page } from "@playwright/test";
import { expect, openReady, test } from "./fixtures.ts";
import { DIST } from "./places.ts";
import { lastOpened, recordWorker } from "./recorder.ts";
import { SiteServer } from "./server.ts";

test.describe.configure({ mode: "serial" });

let server: SiteServer;
let page: Page;

test.beforeAll(async ({ browser, isolated }) => {
  server = await SiteServer.start(DIST, isolated);
  const context = await browser.newContext({ serviceWorkers: "block" });
  page = await context.newPage();
  await page.addInitScript(recordWorker);
  await openReady(page, server.url);
});

test.afterAll(async () => {
  await page.context().close();
  await server.stop();
});

async function read(text: string): Promise<void> {
  await page.click("#view-write");
  await page.fill("#text", text);
  await page.click("#view-read");
  await expect(page.locator("#reading ruby").first()).toBeVisible();
}

const syllable = (hanzi: string, at = 0) =>
  page.locator("#reading ruby", { has: page.locator(`:scope:text-matches("^${hanzi}")`) }).nth(at);
const pinyin = async () => page.locator("#reading rt").allTextContents();

test("shows pinyin over every character, and why it is read so", async () => {
  await read("我在重庆的银行了解情况。");
  await expect.poll(pinyin).toEqual("wǒ zài chóng qìng de yín háng liáo jiě qíng kuàng".split(" "));
  await syllable("重").click();
  await expect(page.locator("#correction-title")).toHaveText("“重”的读音");
  await expect(page.locator("#correction-reason")).toContainText("“重庆”");
  await expect(page.locator("#correction-choices button")).toHaveText(["chóng", "zhòng", "tóng"]);
  await expect(page.locator('#correction-choices [aria-pressed="true"]')).toHaveText("chóng");
  await page.keyboard.press("Escape");
  await expect(page.locator("#correction")).toBeHidden();
  await expect(syllable("重")).toBeFocused();
});

for (const [word, at, choice, entry, shown] of [
  ["重庆", "重", "zhòng", "zhong4 qing4", "zhòng"],
  ["银行", "行", "xíng", "yin2 xing2", "xíng"],
  ["了解", "了", "le", "le5 jie3", "le"],
] as const) {
  test(`a reading of ${word} that is clicked is kept, shown and spoken at once`, async () => {
    const before = await page.evaluate(() => globalThis.loudness.length);
    await syllable(at).click();
    await page.locator("#correction-choices button", { hasText: new RegExp(`^${choice}$`) }).click();
    await expect(page.locator("#correction")).toBeHidden();
    await expect(syllable(at).locator("rt")).toHaveText(shown);
    await expect
      .poll(() => page.evaluate(lastOpened))
      .toMatchObject({ text: word, options: { lexicon: { [word]: entry } } });
    await expect.poll(() => page.evaluate((from) => globalThis.loudness.slice(from), before)).not.toEqual([]);
    expect((await page.evaluate(() => globalThis.loudness.at(-1))) ?? 0).toBeGreaterThan(0.005);
  });
}

test("the correction outlives an edit and a new visit, and can be taken back", async () => {
  await read("她去银行，我去重庆。");
  await expect.poll(pinyin).toContain("xíng");
  await page.reload();
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 90_000 });
  await read("这家银行真大。");
  await expect.poll(pinyin).toContain("xíng");
  await page.click("#open-words");
  await expect(page.locator("#words-list li")).toHaveCount(3);
  await page.getByRole("button", { name: "删除“银行”的读音" }).click();
  await expect(page.locator("#words-list li")).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect.poll(pinyin).toContain("háng");
});

test("a character by itself is corrected in its place only, by hand and by keyboard", async () => {
  await read("他还没还书。");
  await syllable("还", 1).focus();
  await page.keyboard.press("Enter");
  await page.locator("#correction-own").fill("hang");
  await page.keyboard.press("Enter");
  await expect(page.locator("#correction-problem")).toBeVisible();
  await page.locator("#correction-own").fill("huán");
  await page.locator("#correction-here").check();
  await page.click("#correction-form button");
  await expect(page.locator("#correction")).toBeHidden();
  await expect(page.locator("#text")).toHaveValue("他还没还{huan2}书。");
  await expect.poll(pinyin).toEqual(["tā", "hái", "méi", "huán", "shū"]);
  expect(await page.locator("#reading-text").textContent()).not.toContain("{");
  await syllable("还", 1).click();
  await page.click("#correction-undo");
  await expect(page.locator("#text")).toHaveValue("他还没还书。");
});

test("a reading that the engine does not know is refused with a word about it", async () => {
  await syllable("书").click();
  await page.locator("#correction-own").fill("xyzzy1");
  await page.click("#correction-form button");
  await expect(page.locator("#correction-problem")).toBeVisible();
  await expect(page.locator("#text")).toHaveValue("他还没还书。");
  await page.keyboard.press("Escape");
});

test("the arrow keys move among the syllables, of which one takes the Tab key", async () => {
  await expect(page.locator('#reading ruby[tabindex="0"]')).toHaveCount(1);
  await syllable("他").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(syllable("没")).toBeFocused();
  await page.keyboard.press("End");
  await expect(syllable("书")).toBeFocused();
});

test("without pinyin the text stands plain, and is still marked as it is spoken", async () => {
  await page.uncheck("#show-pinyin");
  await expect(page.locator("#reading ruby")).toHaveCount(0);
  await page.click("#speak");
  await expect(page.locator("#reading mark")).toHaveText(/^[他还没书]+$/);
  await page.click("#stop");
  await page.check("#show-pinyin");
  await expect(page.locator("#reading ruby").first()).toBeVisible();
});
