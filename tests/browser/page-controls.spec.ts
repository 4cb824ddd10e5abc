/** How it feels, what is kept, shared and saved: one visit for all, with the test voice. */
import { readFile } from "node:fs/promises";
import type { Page, Route } from "@playwright/test";
import { expect, openReady, recordRequests, test } from "./fixtures.ts";
import { lastOpened, recordWorker } from "./recorder.ts";

declare global {
  var mediaActions: Record<string, () => void>;
  /** Media elements that were started, for whose sake browsers show controls on the lock screen. */
  var started: Set<HTMLMediaElement>;
}

test.describe.configure({ mode: "serial" });

let page: Page;
let asked: string[];

/** Says something to whoever listens for changes of the styles. */
let tell: (event: string) => void = () => undefined;

test.beforeAll(async ({ browser, server }) => {
  const context = await browser.newContext({ serviceWorkers: "block", acceptDownloads: true });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(server.url).origin });
  asked = recordRequests(context);
  page = await context.newPage();
  await page.route("**/api/styles/events*", async (route) => {
    const body = await new Promise<string>((resolve) => {
      tell = resolve;
    });
    await route.fulfill({ contentType: "text/event-stream", body }).catch(() => undefined);
  });
  await page.addInitScript(recordWorker);
  await page.addInitScript(() => {
    globalThis.mediaActions = {};
    navigator.mediaSession.setActionHandler = (name, action) => {
      globalThis.mediaActions[name] = action as () => void;
    };
    globalThis.started = new Set();
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
      globalThis.started.add(this);
      return play.call(this);
    };
  });
  await openReady(page, server.url);
});

test.afterAll(() => page.context().close());

async function write(text: string): Promise<void> {
  await page.click("#view-write");
  await page.fill("#text", text);
}

const opened = () => page.evaluate(lastOpened);
const app = (state: string) => expect(page.locator("body")).toHaveAttribute("data-app", state, { timeout: 30_000 });

test("an emotion and its intensity go to the engine", async () => {
  await write("太好了！");
  await page.getByRole("button", { name: "高兴" }).click();
  await page.locator("#intensity").fill("0.5");
  await expect(page.locator("#intensity-value")).toHaveText("50%");
  await page.click("#speak");
  await expect.poll(opened).toMatchObject({ text: "太好了！", options: { emotion: "joy", intensity: 0.5 } });
  await expect(page.getByRole("button", { name: "高兴" })).toHaveAttribute("aria-pressed", "true");
  await app("ready");
});

test("the plane gives a mixture, by pointer and by arrow keys", async () => {
  await page.locator(".more summary").click();
  const pad = page.locator("#pad");
  const box = await pad.boundingBox();
  if (!box) throw new Error("the plane is not shown");
  await pad.click({ position: { x: box.width * 0.8, y: box.height * 0.2 } });
  await expect(page.locator("#emotion-mixture")).toContainText(/惊讶 \d+%/);
  await pad.focus();
  for (let at = 0; at < 4; at++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(pad).toHaveAttribute("aria-valuenow", /^0\.(79|8\d)$/);
  await expect(pad).toHaveAttribute("aria-valuetext", /愉悦 \+0\.\d+，激动 \+0\.\d+：高兴 \d+%/);
  await page.click("#speak");
  const { emotion } = (await opened())?.options ?? {};
  const weights = Object.values(emotion as Record<string, number>);
  expect((emotion as Record<string, number>).joy).toBeGreaterThan(0.5);
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 1);
  await app("ready");
});

test("a change while it speaks is heard from the next sentence on", async () => {
  const sentences = Array.from({ length: 12 }, (_, at) => `这是第${at + 1}句话，说得很慢很慢。`).join("");
  await write(sentences);
  await page.click("#speak");
  await app("playing");
  await page.getByRole("button", { name: "悲伤" }).click();
  await expect.poll(opened, { timeout: 30_000 }).toMatchObject({ options: { emotion: "sadness" } });
  expect((await opened())?.from).toBeGreaterThan(0);
  await app("playing");
  await page.click("#stop");
  await page.getByRole("button", { name: "自动" }).click();
});

test("a voice that cannot be fetched is refused with a word about it, and the one before reads on", async () => {
  await page.route("**/models/matcha/**", (route) => route.fulfill({ status: 404, body: "" }));
  await write(Array.from({ length: 12 }, (_, at) => `这是第${at + 1}句话，说得很慢很慢。`).join(""));
  const before = await page.locator("#voice").inputValue();
  await page.click("#speak");
  await app("playing");
  await page.selectOption("#voice", "matcha");
  await expect(page.locator("#toast")).toHaveText("没有改变：服务器上缺少文件。继续用原来的设置朗读。");
  await expect(page.locator("#voice")).toHaveValue(before);
  await app("playing");
  await expect(page.locator("#failure")).toBeHidden();
  expect(await page.evaluate(() => localStorage.getItem("qingsheng.settings"))).not.toContain("matcha");
  await page.unroute("**/models/matcha/**");
  await page.click("#stop");
});

test("the sound is drawn while it speaks", async () => {
  await write("春天来了，院子里的老梅树开了花。");
  await page.click("#speak");
  await expect(page.locator("#signal")).toHaveAttribute("data-empty", "false");
  await expect(page.locator("#signal-head")).toHaveAttribute("style", /translateX\([1-9]/);
  const inked = await page.locator("#signal-picture").evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return data.filter((_, at) => at % 4 === 3).filter((alpha) => alpha > 0).length;
  });
  expect(inked).toBeGreaterThan(500);
  await page.click("#stop");
});

test("a syllable whose pitch is moved is spoken so, at once, and put back", async () => {
  await write("春天来了。");
  await page.click("#speak");
  await app("ready");
  const syllables = page.locator("#signal-syllables [role=slider]");
  await expect(syllables.first()).toHaveAccessibleName("“春”的音高");
  await syllables.first().focus();
  await page.keyboard.press("ArrowRight");
  await expect(syllables.nth(1)).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(syllables.nth(1)).toHaveAttribute("aria-valuenow", "2");
  const bent = '<speak><p>春<prosody pitch="+2st">天</prosody>来了。</p></speak>';
  await expect.poll(async () => (await opened())?.text).toBe(bent);
  await expect(page.locator("#reading mark")).not.toBeEmpty();
  await app("ready");
  const box = await syllables.first().boundingBox();
  if (!box) throw new Error("the syllable is not shown");
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 20 + 9, { steps: 3 });
  await page.mouse.up();
  await expect.poll(async () => (await opened())?.text).toContain('<prosody pitch="-3st">春</prosody>');
  await app("ready");
  await page.click("#reset-curve");
  await expect(page.locator("#reset-curve")).toBeHidden();
  await page.click("#speak");
  await expect.poll(async () => (await opened())?.text).toBe("春天来了。");
  await app("ready");
});

test("styles come from the server, go when it says so, and a file of one's own is taken or refused", async () => {
  const style = page.locator("#style");
  await expect(style.locator("option")).not.toHaveCount(1);
  await style.selectOption({ label: "新闻" });
  await expect(page.locator("#style-about")).toHaveText("清晰、平稳、有力");
  await page.click("#speak");
  await expect.poll(opened).toMatchObject({ options: { style: "news" } });
  await app("ready");
  tell('event: style-removed\ndata: {"id":"news"}\n\n');
  await expect(style).toHaveValue("");
  await expect(style.locator("option", { hasText: "新闻" })).toHaveCount(0);
  const module = (apply: string) =>
    Buffer.from(
      `STYLE = {"id": "mine", "name": {"zh": "自制"}, "description": {"zh": "高"}, "version": "1"}\n` +
        `name = "自制"\ndef describe():\n    return STYLE["description"]\n` +
        `def apply(prosody, context):\n    ${apply}\n    return prosody\n`,
    );
  const file = (content: Buffer) => ({ name: "mine.py", mimeType: "text/x-python", buffer: content });
  await page.setInputFiles("#style-file", file(Buffer.from("this is no module")));
  await expect(page.locator("#style-about")).toContainText("没有启用");
  await page.setInputFiles("#style-file", file(module("prosody.semitones += 2")));
  await expect(style).toHaveValue("mine");
  await page.click("#speak");
  await expect.poll(opened).toMatchObject({ options: { style: "mine" } });
  await app("ready");
  await style.selectOption("");
});

test("word of the styles is listened to only while the page is looked at, and taken up where it was", async () => {
  const feeds = () => asked.filter((url) => url.includes("/api/styles/events"));
  const look = (state: string) =>
    page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  // The one that a test before has ended is begun again by itself.
  await expect.poll(() => feeds().length).toBeGreaterThan(1);
  const ended = page.waitForEvent("requestfailed", (request) => request.url().includes("/api/styles/events"));
  await look("hidden");
  await ended;
  const before = feeds().length;
  await look("visible");
  await expect.poll(() => feeds().length).toBe(before + 1);
  expect(feeds().at(-1)).toContain("?since=");
});

test("a style that takes long to come does not undo the choice after it", async () => {
  const held = new Promise<Route>((resolve) => page.route("**/styles/story.py", resolve));
  const style = page.locator("#style");
  await style.selectOption("story");
  const late = await held;
  await style.selectOption("assistant");
  await expect(page.locator("#style-about")).not.toBeEmpty();
  const about = await page.locator("#style-about").textContent();
  const came = page.waitForResponse("**/styles/story.py");
  await late.continue();
  await came;
  await page.waitForTimeout(1000);
  await expect(style).toHaveValue("assistant");
  await expect(page.locator("#style-about")).toHaveText(about ?? "");
  await style.selectOption("");
});

test("media keys know what is read, pause it and go on", async () => {
  const text = `雨停了。${"风一吹，花瓣轻轻落在石阶上。".repeat(2)}`;
  await write(text);
  await page.click("#speak");
  await app("playing");
  const media = () =>
    page.evaluate(() => [navigator.mediaSession.playbackState, navigator.mediaSession.metadata?.title]);
  const sounding = () =>
    page.evaluate(() => {
      const [element, ...others] = globalThis.started;
      return {
        others: others.length,
        playing: element?.paused === false,
        loop: element?.loop,
        seconds: element?.duration,
      };
    });
  expect(await media()).toEqual(["playing", text]);
  // Chromium shows no controls for what is shorter than five seconds.
  await expect.poll(sounding).toEqual({ others: 0, playing: true, loop: true, seconds: 8 });
  await page.evaluate(() => globalThis.mediaActions.pause?.());
  await app("paused");
  expect((await media())[0]).toBe("paused");
  expect((await sounding()).playing).toBe(false);
  await page.evaluate(() => globalThis.mediaActions.play?.());
  await app("playing");
  expect((await sounding()).playing).toBe(true);
  await page.evaluate(() => globalThis.mediaActions.stop?.());
  await app("ready");
  expect((await media())[0]).toBe("none");
  expect((await sounding()).playing).toBe(false);
});

test("what was read is in the history, and can be erased", async () => {
  await write("另一篇。");
  await page.click("#open-history");
  const entries = page.locator("#history-list .entry");
  await expect(entries).toHaveText([
    /^雨停了/,
    "春天来了。",
    "春天来了，院子里的老梅树开了花。",
    /^这是第1句话/,
    "太好了！",
  ]);
  await entries.last().click();
  await expect(page.locator("#history")).toBeHidden();
  await expect(page.locator("#text")).toHaveValue("太好了！");
  await page.click("#open-history");
  await page.getByRole("button", { name: "删除“太好了！”" }).click();
  await expect(entries).toHaveCount(4);
  await page.click("#history-erase");
  await expect(page.locator("#history-empty")).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem("qingsheng.history"))).toBeNull();
  await page.keyboard.press("Escape");
});

test("a link carries text and settings in its fragment, which no server sees", async () => {
  await write("分享这一句，重{chong2}庆。");
  await page.locator("#speed").fill("1.5");
  await page.getByRole("button", { name: "惊讶" }).click();
  // Safari takes a text only while the click is handled, which compressing outlasts.
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("too late", "NotAllowedError"));
  });
  await page.click("#share");
  await expect(page.locator("#toast")).toContainText("链接已复制");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await write("别的。");
  await page.locator("#speed").fill("1");
  await page.getByRole("button", { name: "自动" }).click();
  await page.evaluate((hash) => {
    location.hash = hash;
  }, new URL(link).hash);
  await expect(page.locator("#text")).toHaveValue("分享这一句，重{chong2}庆。");
  await expect(page.locator("#speed-value")).toHaveText("1.50×");
  await expect(page.getByRole("button", { name: "惊讶" })).toHaveAttribute("aria-pressed", "true");
  expect(asked.filter((url) => url.includes(new URL(link).hash.slice(3, 30)))).toEqual([]);
  await page.evaluate(() => {
    location.hash = "#z=AAAA";
  });
  await expect(page.locator("#toast")).toHaveText("链接不完整，里面的文字没有打开。");
  await expect(page.locator("#text")).toHaveValue("分享这一句，重{chong2}庆。");
});

test("who closes a phone's sheet for sharing has shared nothing, in the address neither", async () => {
  const before = page.url();
  await page.evaluate(() => {
    const plain = window.matchMedia;
    window.matchMedia = (query) =>
      query === "(pointer: coarse)" ? ({ matches: true } as MediaQueryList) : plain(query);
    const share = () => {
      document.body.dataset.asked = "";
      window.matchMedia = plain;
      return Promise.reject(new DOMException("closed", "AbortError"));
    };
    Object.defineProperty(navigator, "share", { value: share, configurable: true });
  });
  await page.locator("#toast").evaluate((one) => one.setAttribute("hidden", ""));
  await page.click("#share");
  await expect(page.locator("body")).toHaveAttribute("data-asked", "");
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  await expect(page.locator("#toast")).toBeHidden();
  expect(page.url()).toBe(before);
});

async function saved(format: string) {
  await page.click("#save");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(`#save-${format}`)]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test("subtitles name their sentences and times", async () => {
  await write("春天来了，院子里的老梅树开了花。\n再见！");
  const srt = await saved("srt");
  expect(srt.name).toBe("轻声-春天来了院子里的老梅树开.srt");
  const lines = srt.bytes.toString("utf8").split("\n");
  expect(lines[0]).toBe("1");
  expect(lines[1]).toMatch(/^00:00:00,\d{3} --> 00:00:0\d,\d{3}$/);
  expect(srt.bytes.toString("utf8")).toContain("再见！");
  const vtt = (await saved("vtt")).bytes.toString("utf8");
  expect(vtt.startsWith("WEBVTT\n\n1\n00:00:00.")).toBe(true);
});

test("Opus plays in a browser and lasts as long as the WAV file", async () => {
  const wav = await saved("wav");
  const opus = await saved("opus");
  expect(opus.name).toMatch(/\.webm$/);
  for (const { bytes } of [wav, opus]) expect(bytes.toString("latin1")).toContain("Voice silent, CC0-1.0");
  expect(opus.bytes.length).toBeLessThan(wav.bytes.length / 4);
  const seconds = await page.evaluate(
    async (files) => {
      const context = new OfflineAudioContext(1, 1, 48_000);
      const decoded = files.map((text) =>
        context.decodeAudioData(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer),
      );
      return (await Promise.all(decoded)).map(({ duration }) => duration);
    },
    [wav.bytes.toString("base64"), opus.bytes.toString("base64")],
  );
  expect(Math.abs((seconds[0] ?? 0) - (seconds[1] ?? 9))).toBeLessThan(0.1);
});

test("installing is offered where the browser offers it", async () => {
  await expect(page.locator("#install")).toBeHidden();
  await page.evaluate(() => {
    const offer = new Event("beforeinstallprompt", { cancelable: true });
    Object.assign(offer, { prompt: async () => document.body.setAttribute("data-prompted", "") });
    window.dispatchEvent(offer);
  });
  await page.click("#install");
  await expect(page.locator("body")).toHaveAttribute("data-prompted", "");
  await expect(page.locator("#install")).toBeHidden();
  // What is installed asks to be kept.
  const asked = await page.evaluate(() => {
    const asked: string[] = [];
    const persist = async () => asked.push("persist") > 0;
    Object.assign(navigator.storage, { persist });
    window.dispatchEvent(new Event("appinstalled"));
    return asked;
  });
  expect(asked).toEqual(["persist"]);
});

test("speaks English to those who want it, keeps the choice and the appearance", async () => {
  await write("你好。");
  await page.click("#language");
  await expect(page.locator("#speak")).toHaveText("Speak");
  await page.click("#speak");
  await expect(page.locator("#reading-title")).toHaveText("Finished", { timeout: 30_000 });
  const chinese = await page.evaluate(() => {
    const texts = [...document.querySelectorAll("[data-text], .chip, #place, #metrics, #offline, h2, label")];
    const labels = [...document.querySelectorAll("[aria-label]:not(ruby):not(.from):not(#language)")];
    const shown = [...texts.map((one) => one.textContent), ...labels.map((one) => one.getAttribute("aria-label"))];
    return shown.filter((text) => text !== "中文" && /\p{Script=Han}/u.test(text?.replace(/“.*”/, "") ?? ""));
  });
  expect(chinese).toEqual([]);
  for (const theme of ["light", "dark"]) {
    await page.click("#theme");
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
  }
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(background).toBe("rgb(20, 25, 26)");
  await page.reload();
  await expect(page.locator("#speak")).toHaveText("Speak");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
