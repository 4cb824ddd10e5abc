/** A reading in real life: a worker that dies, a device that takes the sound away, a tab in the background, a reload. */
import type { Page } from "@playwright/test";
import { expect, openReady, test } from "./fixtures.ts";

test.describe.configure({ mode: "serial" });

const SENTENCES = ["春天来了", "院子里的老梅树开了花", "风一吹", "花瓣轻轻落在石阶上", "像是谁在悄悄说话"];
const TEXT = `${SENTENCES.join("，")}。`.repeat(2);
const HANZI = /\p{Script=Han}/gu;

interface Probe {
  /** Characters of the words that were marked, in their order. */
  heard: string;
  /** Ends the worker after so many further chunks of speech; below zero: as soon as it is asked for any. */
  killAfter: number | undefined;
  killed: number;
  /** Holds back what is asked of the worker after so many further chunks. */
  holdAfter: number | undefined;
  held: (() => void)[];
  /** Offsets that streams were begun at. */
  opened: number[];
  audio: BaseAudioContext | undefined;
  tap: AnalyserNode | undefined;
}

declare global {
  var probe: Probe;
}

/** Watches what the page marks, what its worker is asked, and what reaches the loudspeaker. */
function watch(): void {
  // What is read to its end is read fast.
  if (localStorage.getItem("qingsheng.settings") === null) {
    localStorage.setItem("qingsheng.settings", JSON.stringify({ speed: 2 }));
  }
  const probe: Probe = {
    heard: "",
    killAfter: undefined,
    killed: 0,
    holdAfter: undefined,
    held: [],
    opened: [],
    audio: undefined,
    tap: undefined,
  };
  globalThis.probe = probe;
  const Plain = globalThis.Worker;
  globalThis.Worker = class extends Plain {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }) => {
        if (data.type === "chunk" && probe.holdAfter !== undefined) probe.holdAfter -= 1;
        if (data.type !== "chunk" || probe.killAfter === undefined || probe.killAfter < 0) return;
        probe.killAfter -= 1;
        if (probe.killAfter === 0) this.die();
      });
    }
    override postMessage(message: { type: string; from?: number }, ...rest: unknown[]): void {
      if (message.type === "open") probe.opened.push(message.from ?? 0);
      if (message.type === "next" && probe.holdAfter !== undefined && probe.holdAfter <= 0) {
        probe.held.push(() => super.postMessage(message));
        return;
      }
      super.postMessage(message, ...(rest as []));
      if (message.type === "open" && probe.killAfter !== undefined && probe.killAfter < 0) this.die();
    }
    private die(): void {
      probe.killed += 1;
      if ((probe.killAfter ?? 0) >= 0) probe.killAfter = undefined;
      this.terminate();
    }
  };
  const connect = AudioNode.prototype.connect as unknown as (this: AudioNode, target: AudioNode) => AudioNode;
  const tapped = function (this: AudioNode, target: AudioNode) {
    if (target instanceof AudioDestinationNode) {
      probe.audio = target.context;
      probe.tap = new AnalyserNode(target.context, { fftSize: 16_384 });
      connect.call(this, probe.tap);
    }
    return connect.call(this, target);
  };
  Object.assign(AudioNode.prototype, { connect: tapped });
  let last: Element | null = null;
  const look = () => {
    const word = document.querySelector("#reading mark");
    const owner = word?.closest(".word") ?? null;
    if (owner && owner !== last) {
      const copy = owner.cloneNode(true) as Element;
      for (const rt of copy.querySelectorAll("rt")) rt.remove();
      probe.heard += copy.textContent?.replace(/[^\p{Script=Han}]/gu, "") ?? "";
    }
    if (owner) last = owner;
  };
  addEventListener("DOMContentLoaded", () =>
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true }),
  );
}

let page: Page;

test.beforeAll(async ({ browser, server }) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  page = await context.newPage();
  await page.addInitScript(watch);
  await openReady(page, server.url);
});

test.afterAll(() => page.context().close());

const state = (name: string | RegExp, timeout = 20_000) =>
  expect(page.locator("body")).toHaveAttribute("data-app", name, { timeout });
const ask = <T>(look: (probe: Probe) => T) => page.evaluate(`(${look})(globalThis.probe)`) as Promise<T>;

/** Shows the text with its pinyin first, so that every word has an element of its own. */
async function laid(text: string): Promise<void> {
  await page.click("#view-write");
  await page.fill("#text", text);
  await page.click("#view-read");
  await expect(page.locator("#reading ruby")).toHaveCount(text.match(HANZI)?.length ?? 0, { timeout: 30_000 });
}

async function rms(): Promise<number> {
  return ask(({ tap }) => {
    const samples = new Float32Array(tap?.fftSize ?? 1);
    tap?.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
  });
}

/** Begins to speak, with a probe set so; what was shown of an earlier speech is taken away, or it would pass for this one's. */
async function speakWith(settings: Partial<Probe>): Promise<void> {
  await page.evaluate((settings) => {
    for (const line of document.querySelectorAll("#toast, #reading-title")) line.textContent = "";
    Object.assign(probe, { heard: "", opened: [] }, settings);
  }, settings);
  await page.click("#speak");
}

/** All of the text, each word once: the first engine began it, the second went on somewhere in it. */
async function expectSpokenByTwo(): Promise<void> {
  await expect(page.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 90_000 });
  await expect(page.locator("#failure")).toBeHidden();
  const [begun, ...further] = await ask((probe) => probe.opened);
  expect(begun).toBe(0);
  expect(further).toEqual([expect.any(Number)]);
  expect(further[0]).toBeGreaterThan(0);
  expect(await ask(({ heard }) => heard)).toBe(TEXT.replace(/[，。]/g, ""));
}

test("a worker that dies in mid-speech is replaced: what was made sounds on, and nothing is lost or said twice", async () => {
  await laid(TEXT);
  await speakWith({ killAfter: 3 });
  await expect(page.locator("#toast")).toHaveText("引擎正在重新启动，朗读会接着进行。", { timeout: 30_000 });
  await expect(page.locator("#failure")).toBeHidden();
  await expectSpokenByTwo();
  expect(await ask(({ killed }) => killed)).toBe(1);
});

/** The next timer that repeats is the watchdog's: its seconds are short ones. */
function hurryWatchdog(): Promise<void> {
  return page.evaluate(() => {
    const plain = globalThis.setInterval;
    globalThis.setInterval = ((work: () => void, ms = 0) => {
      globalThis.setInterval = plain;
      return plain(work, ms / 20);
    }) as typeof setInterval;
  });
}

test("a worker that hangs in mid-speech is noticed and replaced: nothing is lost or said twice", async () => {
  await hurryWatchdog();
  await speakWith({ holdAfter: 2 });
  await expect.poll(() => ask(({ held }) => held.length)).toBeGreaterThan(0);
  // Never comes back, as a loop of its own would not. Of the other workers some are asleep and answer nothing either.
  for (const worker of page.workers()) {
    worker.evaluate("if (self.name === 'qingsheng') for (;;);").catch(() => undefined);
  }
  await page.evaluate(() => {
    probe.holdAfter = undefined;
    for (const send of probe.held.splice(0)) send();
  });
  await expect(page.locator("#toast")).toHaveText("引擎正在重新启动，朗读会接着进行。", { timeout: 30_000 });
  await expectSpokenByTwo();
});

test("a style that never returns costs one wait: speech goes on without it, and its error is shown", async () => {
  const source = `
import itertools
STYLE = {"id": "own", "name": "自己", "description": "试试"}
name = "自己"
def describe():
    return "试试"
def apply(prosody, context):
    if context.index == 1:
        sum(itertools.count())
    return prosody
`;
  await page.setInputFiles("#style-file", { name: "own.py", mimeType: "text/x-python", buffer: Buffer.from(source) });
  await expect(page.locator("#style")).toHaveValue("own");
  await page.evaluate(() => Object.assign(probe, { heard: "", opened: [] }));
  await hurryWatchdog();
  await page.click("#speak");
  await expect(page.locator("#toast")).toHaveText("引擎正在重新启动，朗读会接着进行。", { timeout: 30_000 });
  await expect(page.locator("#notices")).toContainText("风格出错，已停用", { timeout: 60_000 });
  await expect(page.locator("#style-about")).toHaveText(/^没有启用：the engine did not answer for \d+ seconds/);
  await expectSpokenByTwo();
  // Chosen again, it gets another chance.
  await page.selectOption("#style", "");
  await page.selectOption("#style", "own");
  await expect(page.locator("#style-about")).toHaveText("试试");
  await page.selectOption("#style", "");
});

test("an engine that dies again and again is given up with a word about it, and is there again when asked", async () => {
  test.setTimeout(240_000);
  await page.evaluate(() => Object.assign(probe, { killed: 0, killAfter: -1 }));
  await page.click("#speak");
  await expect(page.locator("#failure-code")).toHaveText("worker.lost", { timeout: 120_000 });
  expect(await ask(({ killed }) => killed)).toBe(3);
  await page.evaluate(() => Object.assign(probe, { killAfter: undefined }));
  await page.click("#retry");
  await state("playing", 60_000);
  await page.click("#stop");
});

test("the volume follows at once, can be silenced, and is remembered", async () => {
  await page.click("#speak");
  await state("playing");
  await page.waitForTimeout(1500);
  const full = await rms();
  expect(full).toBeGreaterThan(0.005);
  await page.locator("#volume").fill("0.5");
  await expect(page.locator("#volume-value")).toHaveText("50%");
  await page.waitForTimeout(1500);
  // A quarter of the amplitude; the sentences differ a little among themselves.
  expect((await rms()) / full).toBeGreaterThan(0.12);
  expect((await rms()) / full).toBeLessThan(0.45);
  await page.keyboard.press("Alt+M");
  await expect(page.locator("#mute")).toHaveAccessibleName("取消静音");
  await page.waitForTimeout(1500);
  expect(await rms()).toBeLessThan(1e-4);
  await state("playing");
  await page.click("#mute");
  await page.waitForTimeout(1500);
  expect(await rms()).toBeGreaterThan(0.1 * full);
  await page.click("#stop");
});

test("the text stays as it is when its pinyin comes in mid-speech, goes, comes back, and when the language changes", async () => {
  const shown = () =>
    page.locator("#reading-text p").evaluate((paragraph) => {
      const copy = paragraph.cloneNode(true) as Element;
      for (const rt of copy.querySelectorAll("rt")) rt.remove();
      return copy.textContent;
    });
  const text = "夏天走了，山里的枫树红了。雨一停，叶子慢慢飘到小溪里。";
  await page.click("#view-write");
  await page.fill("#text", text);
  await page.click("#speak");
  await page.locator("#reading mark").waitFor();
  await page.click("#pause");
  await expect(page.locator("#reading-title")).toHaveText("已暂停");
  const mark = page.locator("#reading mark");
  const word = (await mark.evaluate((one) => one.textContent?.replace(/[^\p{Script=Han}]/gu, ""))) ?? "";
  for (const change of [
    () => expect(page.locator("#reading ruby").first()).toBeVisible(),
    () => page.uncheck("#show-pinyin"),
    () => page.check("#show-pinyin"),
    () => page.click("#language"),
    () => page.click("#language"),
  ]) {
    await change();
    await page.waitForTimeout(300);
    expect(await shown()).toBe(text);
    expect(await mark.evaluate((one) => one.textContent?.replace(/[^\p{Script=Han}]/gu, ""))).toBe(word);
  }
  await page.click("#stop");
});

test("when the system takes the sound away the reading pauses, and goes on when told to", async () => {
  await page.click("#speak");
  await state("playing");
  await page.waitForTimeout(500);
  await ask(({ audio }) => (audio as AudioContext).suspend());
  await state("paused");
  await expect(page.locator("#pause")).toHaveText("继续");
  await page.click("#pause");
  await state("playing");
  await page.waitForTimeout(1500);
  expect(await ask(({ audio }) => audio?.state)).toBe("running");
  expect(await rms()).toBeGreaterThan(0.001);
  await page.click("#stop");
});

test("a tab in the background reads on, part after part, without a gap", async () => {
  const parts = Array.from({ length: 3 }, (_, at) => `${["一", "二", "三"][at]}。${"山高月小，".repeat(8)}水落石出。`);
  // More than one part of the queue: each goes to the engine by itself.
  await laid(parts.join("\n"));
  await page.evaluate(() => {
    Object.assign(probe, { heard: "" });
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    // As browsers do it to hidden pages: no frames, timers once a second.
    globalThis.requestAnimationFrame = () => 0;
    const plain = globalThis.setTimeout;
    globalThis.setTimeout = ((work: () => void, ms = 0, ...rest: unknown[]) =>
      plain(work, Math.max(1000, ms), ...rest)) as typeof setTimeout;
  });
  await page.click("#speak");
  await expect(page.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 90_000 });
  expect(await ask(({ heard }) => heard)).toBe(parts.join("").replace(/[，。]/g, ""));
  await expect(page.locator("#metrics")).not.toContainText("等待");
});

test("a reload in mid-speech comes back to the text and to the place in it", async () => {
  const text = Array.from({ length: 30 }, (_, at) => `第${at + 1}段，山高月小。`).join("\n");
  await page.reload();
  await state("ready", 60_000);
  await page.click("#view-write");
  await page.fill("#text", text);
  await page.click("#view-read");
  await page.locator("#reading .from").nth(20).click();
  await expect(page.locator("#place")).toHaveText("第 22 / 30 段", { timeout: 60_000 });
  await page.reload();
  await expect(page.locator("#reading-title")).toHaveText("上次读到这里，按“朗读”继续");
  await expect(page.locator("#place")).toHaveText(/第 2[23] \/ 30 段/);
  await expect(page.locator("#reading .paragraph").nth(21)).toBeInViewport();
  await expect(page.locator("#volume-value")).toHaveText("50%");
  await state("ready", 60_000);
  await page.click("#speak");
  await expect(page.locator("#reading .paragraph[aria-current=true]")).toContainText(/^第.*2.*[23].*段/, {
    timeout: 30_000,
  });
  await page.click("#stop");
  await page.reload();
  await expect(page.locator("#text")).toHaveValue(text);
  await page.fill("#text", "");
  await page.reload();
  await expect(page.locator("#text")).toHaveValue(/^春天来了/);
});
