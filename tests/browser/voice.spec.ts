/** The real default voice and the emotion model, where the build has them: one visit for both. */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { joined, load, stream, value } from "./engine.ts";
import { expect, test } from "./fixtures.ts";
import { DIST } from "./places.ts";
import { SiteServer } from "./server.ts";
import { measure } from "./sound.ts";

test.describe.configure({ mode: "serial" });

const TEXT = "春天来了，院子里的老梅树开了花。";
const SYLLABLES = 14;

interface Manifest {
  readonly files: readonly { readonly path: string; readonly group: string }[];
}

const hasModel = () =>
  (JSON.parse(readFileSync(`${DIST}/build.json`, "utf8")) as Manifest).files.some(({ path }) =>
    path.endsWith("/emotion.onnx"),
  );

const defaultVoice = (): string | null => JSON.parse(readFileSync(`${DIST}/models/catalog.json`, "utf8")).default;

let server: SiteServer;
let page: Page;

test.beforeAll(async ({ browser, isolated }) => {
  test.skip(defaultVoice() === null, "models/catalog.json names no default voice");
  server = await SiteServer.start(DIST, isolated);
  const context = await browser.newContext({ serviceWorkers: "block" });
  page = await context.newPage();
  await page.goto(`${server.url}healthz`);
  value(await load(page));
});

test.afterAll(async () => {
  await page?.context().close();
  await server?.stop();
});

test("the default voice speaks like a person", async () => {
  const chunks = value(await stream(page, TEXT));
  const sound = measure(joined(chunks));
  const seconds = chunks.reduce((sum, chunk) => sum + chunk.synthesisSeconds, 0);
  test.info().annotations.push({ type: "real-time factor", description: (seconds / sound.seconds).toFixed(3) });
  // Speech is between 3 and 9 syllables a second, pauses included.
  expect(sound.seconds).toBeGreaterThan(SYLLABLES / 9);
  expect(sound.seconds).toBeLessThan(SYLLABLES / 2);
  expect(sound.rms).toBeGreaterThan(0.01);
  expect(sound.peak).toBeLessThan(1);
  expect(sound.voiced).toBeGreaterThan(0.25);
  expect(sound.f0).toBeGreaterThan(70);
  expect(sound.f0).toBeLessThan(400);
});

test("the emotion of a text is inferred, spoken, and overruled", async () => {
  test.skip(!hasModel(), "the build has no emotion model");
  const text = "😀太好了！今天星期三。";
  const sentences = await page.evaluate(async (text) => (await globalThis.tts?.infer(text)) ?? [], text);
  expect(sentences.map(({ start, stop }) => text.slice(start, stop))).toEqual(sentences.map(({ text }) => text));
  const [glad, plain] = sentences;
  if (!glad || !plain) throw new Error(`expected two sentences, got ${sentences.length}`);
  expect(glad.distribution.joy).toBeGreaterThan(0.4);
  expect(plain.distribution.joy).toBeLessThan(glad.distribution.joy);
  expect(Object.values(glad.distribution).reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 5);

  const [inferred] = value(await stream(page, "太好了！"));
  expect(inferred?.emotion?.distribution.joy).toBeGreaterThan(0.4);
  const [given] = value(await stream(page, "太好了！", { emotion: "sadness", intensity: 0.5 }));
  expect(given?.emotion?.distribution.sadness).toBe(1);
  expect(given?.emotion?.intensity).toBe(0.5);

  const times = await page.evaluate(async () => {
    const found: number[] = [];
    for (let index = 0; index < 30; index += 1) {
      const began = performance.now();
      await globalThis.tts?.infer(`${"我".repeat(index + 1)}们今天终于等到了这个好消息。`);
      found.push(performance.now() - began);
    }
    return found.slice(5).sort((a, b) => a - b);
  });
  const median = times[Math.floor(times.length / 2)] ?? 0;
  test.info().annotations.push({ type: "infer, median of 25", description: `${median.toFixed(1)} ms` });
  expect(times).toHaveLength(25);
});
