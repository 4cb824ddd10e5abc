/** Pages of another origin that use the engine: by its module, by the element, in a frame; and those that may not. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { ForeignSite } from "./foreign-site.ts";
import { SITE } from "./places.ts";
import { SiteServer } from "./server.ts";

test.describe.configure({ mode: "serial" });

let host: ForeignSite;
let server: SiteServer;
let site: string;
const faults: string[] = [];

const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** All that `docs/embedding.md` says a page with a policy of its own has to allow. */
const policy = () =>
  `default-src 'none'; script-src 'self' ${site} 'wasm-unsafe-eval'; worker-src 'self' ${site} blob:; connect-src ${site}; media-src blob:`;

test.beforeAll(async () => {
  host = await ForeignSite.start();
  server = await SiteServer.start(SITE, true, ["--embed-origins", host.origin]);
  site = new URL(server.url).origin;
});

test.afterAll(async () => {
  await server.stop();
  await host.stop();
});

/** A page of the host with one script of its own. */
function write(path: string, body: string, script: string, headers: Record<string, string> = {}): string {
  host.put(`/${path}.js`, { type: "text/javascript", body: script, headers });
  const html = `<!doctype html><html lang="zh"><title>host</title><body>${body}<script type="module" src="./${path}.js"></script></body></html>`;
  host.put(`/${path}`, { type: "text/html; charset=utf-8", body: html, headers });
  return `${host.origin}/${path}`;
}

function noteFaults(page: Page): void {
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
}

const MODULE = (site: string) => `
  import { Qingsheng } from "${site}/qingsheng.js";
  try {
    const tts = await Qingsheng.load({ volume: 0.5 });
    const { threads } = await tts.info();
    const words = [];
    const playback = tts.speak("你好，世界。");
    playback.on("word", (word) => word && words.push(word.text));
    await playback.finished;
    const kept = (await caches.keys()).filter((name) => name.startsWith("qingsheng-files")).length;
    document.title = JSON.stringify({ threads, words, kept, isolated: crossOriginIsolated });
  } catch (error) {
    document.title = JSON.stringify({ code: error.code ?? String(error) });
  }`;

async function outcome(page: Page): Promise<Record<string, unknown>> {
  await expect(page).toHaveTitle(/^\{/, { timeout: 90_000 });
  return JSON.parse(await page.title());
}

test("the module of another origin speaks under the page's own strict policy", async ({ page }) => {
  noteFaults(page);
  await page.goto(write("module", "", MODULE(site), { "Content-Security-Policy": policy() }));
  expect(await outcome(page)).toEqual({ threads: 1, words: ["你好", "世界"], kept: 1, isolated: false });
  expect(faults.splice(0).filter((fault) => !fault.includes("404"))).toEqual([]);
});

test("in an isolated page it has threads and shared memory too", async ({ page }) => {
  noteFaults(page);
  await page.goto(write("isolated", "", MODULE(site), ISOLATED));
  const { threads, ...rest } = await outcome(page);
  expect(rest).toEqual({ words: ["你好", "世界"], kept: 1, isolated: true });
  expect(threads).toBe(Math.min(4, await page.evaluate(() => navigator.hardwareConcurrency)));
  expect(faults.splice(0).filter((fault) => !fault.includes("404"))).toEqual([]);
});

test("the element of another origin speaks, follows its volume and can be silenced", async ({ page }) => {
  await page.addInitScript(() => {
    const gains: GainNode[] = [];
    Object.assign(globalThis, { gains });
    const Plain = globalThis.GainNode;
    globalThis.GainNode = class extends Plain {
      constructor(context: BaseAudioContext, options?: GainOptions) {
        super(context, options);
        gains.push(this);
      }
    };
  });
  const gain = () => page.evaluate(() => (globalThis as unknown as { gains: GainNode[] }).gains.at(-1)?.gain.value);
  const element =
    '<qingsheng-player show-text volume="0.5">春天来了，院子里的老梅树开了花。风一吹，花瓣轻轻落下。</qingsheng-player>';
  await page.goto(write("element", element, `import "${site}/qingsheng-player.js";`));
  const player = page.locator("qingsheng-player");
  await player.getByRole("button", { name: "朗读" }).click();
  await expect(player).toHaveAttribute("data-state", "playing", { timeout: 90_000 });
  await expect.poll(gain).toBeCloseTo(0.5, 2);
  await player.getByRole("button", { name: "静音" }).click();
  await expect.poll(gain).toBeLessThan(0.01);
  await expect(player).toHaveAttribute("data-state", "playing");
  await player.getByRole("button", { name: "取消静音" }).click();
  await expect.poll(gain).toBeCloseTo(0.5, 2);
  await player.getByRole("button", { name: "停止" }).click();
});

test("a frame of another origin speaks, isolated where its page is", async ({ page }) => {
  const frame = `<iframe title="轻声" allow="autoplay; cross-origin-isolated" src="${site}/player.html#s=eyJ2IjoxLCJ0Ijoi5rip5pWF6ICM55-l5paw44CCIn0"></iframe>`;
  await page.goto(write("frame", frame, "", ISOLATED));
  const player = page.frameLocator("iframe").locator("qingsheng-player");
  await expect(player.locator("[part=text]")).toHaveText("温故而知新。");
  await player.getByRole("button", { name: "朗读" }).click();
  await expect(player).toHaveAttribute("data-state", "playing", { timeout: 90_000 });
  expect(await player.evaluate(() => crossOriginIsolated)).toBe(true);
});

test("a page that was not named can neither frame the site nor use its module", async ({ page }) => {
  const stranger = await ForeignSite.start();
  stranger.put("/", {
    type: "text/html",
    body: `<iframe src="${site}/player.html"></iframe><script type="module" src="${site}/qingsheng.js"></script>`,
  });
  const refused: string[] = [];
  page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
  await page.goto(stranger.origin);
  await expect.poll(() => refused.join("\n")).toMatch(/frame-ancestors/);
  await expect.poll(() => refused.join("\n")).toMatch(/CORS/);
  await stranger.stop();
});
