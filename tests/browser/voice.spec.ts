/** The real default voice, where the build has one. */
import { readFileSync } from "node:fs";
import { joined, load, stream, value } from "./engine.ts";
import { expect, test } from "./fixtures.ts";
import { DIST } from "./places.ts";
import { SiteServer } from "./server.ts";
import { measure } from "./sound.ts";

const TEXT = "春天来了，院子里的老梅树开了花。";
const SYLLABLES = 14;

function defaultVoice(): string | null {
  return JSON.parse(readFileSync(`${DIST}/models/catalog.json`, "utf8")).default;
}

test("the default voice speaks like a person", async ({ browser, isolated }) => {
  test.skip(defaultVoice() === null, "models/catalog.json names no default voice");
  const server = await SiteServer.start(DIST, isolated);
  const context = await browser.newContext({ serviceWorkers: "block" });
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}healthz`);
    value(await load(page));
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
  } finally {
    await context.close();
    await server.stop();
  }
});
