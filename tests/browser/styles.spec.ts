/** Style plugins in the running engine: loaded, replaced, removed, and faulty ones, without a reload and in mid-speech. */
import { codeOf, type Outcome, stream, value } from "./engine.ts";
import { expect, test } from "./fixtures.ts";

const TEXT = "一二三四五。六七八九十。一二三四五。";

const module = (body: string, version = "1") => `
STYLE = {"id": "own", "name": {"zh": "自己", "en": "Own"}, "description": "试试", "version": "${version}"}
name = "自己"
def describe():
    return "试试"
def apply(prosody, context):
    ${body}
    return prosody
`;

interface Length {
  readonly samples: { readonly length: number };
  readonly sampleRate: number;
}
const seconds = (chunks: readonly Length[]) =>
  chunks.reduce((sum, { samples, sampleRate }) => sum + samples.length / sampleRate, 0);

test("a style is loaded, replaced and removed while the engine runs", async ({ warm: { page } }) => {
  const load = (source: string) =>
    page.evaluate(async (source) => (await globalThis.tts?.loadStyle({ id: "own" }, source))?.version, source);
  const plain = seconds(value(await stream(page, TEXT)));
  expect(await load(module("prosody.rate *= 0.5"))).toBe("1");
  expect(seconds(value(await stream(page, TEXT, { style: "own" })))).toBeGreaterThan(1.5 * plain);
  expect(await load(module("prosody.rate *= 1.5", "2"))).toBe("2");
  expect(seconds(value(await stream(page, TEXT, { style: "own" })))).toBeLessThan(0.9 * plain);
  const left = await page.evaluate(async () => {
    await globalThis.tts?.removeStyle("own");
    return globalThis.tts?.styles();
  });
  expect(left).toEqual([]);
  const chunks = value(await stream(page, TEXT, { style: "own" }));
  expect(chunks.flatMap(({ notices }) => notices.map(({ code }) => code))).toEqual(["style.unknown"]);
  expect(seconds(chunks)).toBeCloseTo(plain, 3);
});

test("a faulty style is refused with its error, and the one before it stays", async ({ warm: { page } }) => {
  const outcome = await page.evaluate(
    async ([good, bad]): Promise<Outcome<unknown>> => {
      await globalThis.tts?.loadStyle({}, good as string);
      try {
        return { kind: "done", value: await globalThis.tts?.loadStyle({}, bad as string) };
      } catch (error) {
        const { code = "none", message, remedy = "" } = error as Error & { code?: string; remedy?: string };
        return { kind: "failed", code, message, remedy };
      }
    },
    [module("prosody.rate *= 0.5"), module("prosody.rate *= nothing", "2")],
  );
  expect(codeOf(outcome)).toBe("style.invalid");
  expect(outcome.kind === "failed" && outcome.message).toMatch(/NameError.*nothing.*line 7/);
  const styles = await page.evaluate(() => globalThis.tts?.styles());
  expect(styles?.map(({ id, version, state }) => [id, version, state])).toEqual([["own", "1", "on"]]);
});

test("a style that fails in mid-speech is switched off, its error shown, and speech goes on", async ({
  warm: { page },
}) => {
  const source = module("prosody.rate *= 0.5 if '六' not in context.text else 1 / 0");
  const plain = value(await stream(page, TEXT));
  const chunks = value(
    await page
      .evaluate((source) => globalThis.tts?.loadStyle({}, source), source)
      .then(() => stream(page, TEXT, { style: "own" })),
  );
  const failed = chunks.flatMap(({ notices }) => notices);
  expect(failed.map(({ code }) => code)).toEqual(["style.failed"]);
  expect(failed[0]?.message).toContain("ZeroDivisionError");
  const of = (all: typeof chunks, sentence: string) =>
    seconds(all.filter(({ span }) => TEXT.slice(span.start, span.stop).includes(sentence)));
  expect(of(chunks, "六")).toBeCloseTo(of(plain, "六"), 2);
  expect(chunks.at(-1)?.last).toBe(true);
  const [style] = (await page.evaluate(() => globalThis.tts?.styles())) ?? [];
  expect(style?.state).toBe("off");
  expect(style?.error).toMatch(/ZeroDivisionError: .*line 7/);
});

test("what is spoken takes a style that is replaced from the next sentence on", async ({ warm: { page } }) => {
  const spoken = await page.evaluate(
    async ([text, slow, fast]) => {
      const tts = globalThis.tts;
      if (!tts) throw new Error("no engine was loaded");
      await tts.loadStyle({}, slow as string);
      const seconds: Record<number, number> = {};
      for await (const chunk of tts.stream(text as string, { style: "own" })) {
        seconds[chunk.sentence] = (seconds[chunk.sentence] ?? 0) + chunk.samples.length / chunk.sampleRate;
        if (chunk.sentence === 0) await tts.loadStyle({}, fast as string);
      }
      await tts.removeStyle("own");
      return Object.values(seconds);
    },
    ["一二三四五。一二三四五。一二三四五。", module("prosody.rate *= 0.5"), module("prosody.rate *= 1.5", "2")],
  );
  expect(spoken.length).toBe(3);
  // The first sentence was slow; what was begun before the exchange ends as it began.
  expect((spoken[2] ?? 0) / (spoken[0] ?? 1)).toBeLessThan(0.5);
});

test("feelings are heard in length and loudness, and not at intensity 0", async ({ warm: { page } }) => {
  const spoken = async (options: object) => value(await stream(page, TEXT, options));
  const level = (chunks: Awaited<ReturnType<typeof spoken>>) =>
    Math.sqrt(
      chunks.reduce((sum, { samples }) => sum + samples.reduce((a, b) => a + b * b, 0), 0) /
        chunks.reduce((sum, { samples }) => sum + samples.length, 0),
    );
  const [plain, zero, sad, angry] = [
    await spoken({ emotion: "neutral" }),
    await spoken({ emotion: "sadness", intensity: 0 }),
    await spoken({ emotion: "sadness" }),
    await spoken({ emotion: "anger" }),
  ];
  expect(zero.map(({ samples }) => samples)).toEqual(plain.map(({ samples }) => samples));
  expect(seconds(sad)).toBeGreaterThan(1.05 * seconds(plain));
  expect(seconds(angry)).toBeLessThan(0.98 * seconds(plain));
  expect(level(sad)).toBeLessThan(0.8 * level(plain));
  expect(level(angry)).toBeGreaterThan(1.2 * level(plain));
});
