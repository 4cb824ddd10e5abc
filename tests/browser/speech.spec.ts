/** The public client: sound, words, options, and what it says to bad input. */
import type { Page } from "@playwright/test";
import { codeOf, joined, stream, value } from "./engine.ts";
import { expect, foreign, test } from "./fixtures.ts";
import { measure } from "./sound.ts";

const TEXT = "你好，世界。今天天气很好！";

test("makes speech: loud enough, not clipped, voiced at the speaker's pitch, as long as its phones", async ({
  warm,
}) => {
  const chunks = value(await stream(warm.page, TEXT));
  const sound = measure(joined(chunks));
  expect(chunks.map(({ index, last }) => [index, last])).toEqual([
    [0, false],
    [1, true],
  ]);
  expect(sound.rms).toBeGreaterThan(0.02);
  expect(sound.rms).toBeLessThan(0.4);
  expect(sound.peak).toBeLessThan(1);
  expect(sound.voiced).toBeGreaterThan(0.3);
  // The test voice's low speaker lies at 120 Hz; each of its phones lasts 0.1 s.
  expect(sound.f0).toBeGreaterThan(110);
  expect(sound.f0).toBeLessThan(130);
  const syllables = 10;
  expect(sound.seconds).toBeGreaterThan(syllables * 0.1);
  expect(sound.seconds).toBeLessThan(syllables * 0.5);
});

test("says where each word lies in the text and in the sound", async ({ warm }) => {
  // The first character takes two UTF-16 code units.
  const text = `𠮷祥。${TEXT}`;
  for (const { words, samples, sampleRate, span } of value(await stream(warm.page, text))) {
    expect(words.length).toBeGreaterThan(0);
    let before = 0;
    for (const { begin, end, start, stop, text: word } of words) {
      expect(text.slice(start, stop)).toBe(word);
      expect(start).toBeGreaterThanOrEqual(span.start);
      expect(stop).toBeLessThanOrEqual(span.stop);
      expect(begin).toBeGreaterThanOrEqual(before);
      expect(end).toBeGreaterThan(begin);
      before = end;
    }
    expect(before).toBeLessThanOrEqual(samples.length / sampleRate + 0.01);
  }
});

test("follows speed, pitch and the choice of a speaker", async ({ warm }) => {
  const spoken = async (options: object) => measure(joined(value(await stream(warm.page, TEXT, options))));
  const plain = await spoken({});
  const fast = await spoken({ speed: 2 });
  const high = await spoken({ pitch: 7 });
  const other = await spoken({ voice: "silent/high" });
  expect(fast.seconds / plain.seconds).toBeLessThan(0.65);
  expect(high.f0 / plain.f0).toBeCloseTo(2 ** (7 / 12), 1);
  expect(other.f0).toBeGreaterThan(200);
});

test("tells of characters that it cannot read", async ({ warm }) => {
  const text = "你好ꙮ世界。";
  const notices = value(await stream(warm.page, text)).flatMap((chunk) => chunk.notices);
  expect(notices.map(({ code }) => code)).toContain("text.unknown_character");
  expect(notices.map(({ start, stop }) => text.slice(start, stop))).toContain("ꙮ");
});

for (const [name, text, options, code] of [
  ["an empty text", "", {}, "text.empty"],
  ["a text of blanks", " \n ", {}, "text.empty"],
  ["a text over the limit", "字".repeat(5001), {}, "text.too_long"],
  ["an unknown voice", "你好", { voice: "nobody" }, "voice.not_found"],
  ["an unknown speaker", "你好", { voice: "silent/nobody" }, "voice.not_found"],
  ["a speed out of range", "你好", { speed: 9 }, "option.invalid"],
] as const) {
  test(`answers ${name} with ${code} and goes on`, async ({ warm }) => {
    expect(codeOf(await stream(warm.page, text, options))).toBe(code);
    expect(value(await stream(warm.page, "好。")).length).toBe(1);
  });
}

test("says of whatever else is passed what it is: every error has a code, none is the runtime's", async ({ warm }) => {
  const seen = await warm.page.evaluate(async () => {
    const tts = globalThis.tts as unknown as Record<string, (...args: unknown[]) => unknown>;
    const said: string[] = [];
    const note = async (attempt: () => unknown) => {
      try {
        await attempt();
        said.push("taken");
      } catch (error) {
        const { code = (error as Error).name, message } = error as Error & { code?: string };
        said.push(`${code}: ${message}`);
      }
    };
    const first = (...args: unknown[]) => (tts.stream?.(...args) as AsyncGenerator | undefined)?.next();
    await note(() => first("好。", { speed: Number.NaN }));
    await note(() => first("好。", { voice: 42 }));
    await note(() => first("好。", { style: () => 1 }));
    await note(() => first("好。", { from: "2" }));
    await note(() => first("好。", null));
    await note(() => tts.speak?.("好。", { pitch: Number.NaN }));
    await note(() => tts.live?.({ flushAfter: "x" }));
    await note(() => tts.explain?.(null));
    await note(() => tts.infer?.("好。", null));
    await note(() => tts.setWord?.("好", null));
    await note(() => tts.loadStyle?.(null, ""));
    await note(() => tts.removeStyle?.(null));
    const playback = globalThis.tts?.speak("好。");
    await note(() => playback?.change({ speed: Number.NaN }));
    await note(() => playback?.seek(Number.NaN));
    await playback?.finished;
    return said;
  });
  expect(seen[0]).toBe("option.invalid: speed is NaN, expected a number.");
  expect(seen.filter((line) => !line.startsWith("option.invalid: "))).toEqual([]);
  expect(value(await stream(warm.page, "好。")).length).toBe(1);
});

test("streams in turns: a second text does not wait for the first to end", async ({ warm }) => {
  const order = await warm.page.evaluate(async () => {
    const order: string[] = [];
    const read = async (name: string, text: string) => {
      for await (const { index } of globalThis.tts?.stream(text) ?? []) order.push(`${name}${index}`);
    };
    await Promise.all([read("a", "一。二。三。四。五。六。"), read("b", "七。八。")]);
    return order;
  });
  expect(order.indexOf("b1")).toBeLessThan(order.indexOf("a5"));
});

test("stops when asked, and the engine stays usable", async ({ warm }) => {
  const code = await warm.page.evaluate(async () => {
    const stop = new AbortController();
    try {
      for await (const _chunk of globalThis.tts?.stream("一。二。三。四。", { signal: stop.signal }) ?? [])
        stop.abort();
      return "ended";
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
  expect(code).toBe("cancelled");
  expect(value(await stream(warm.page, "好。")).length).toBe(1);
});

test("makes a WAV file of the whole text", async ({ warm }) => {
  const { head, tail, length } = await warm.page.evaluate(async () => {
    const wav = (await globalThis.tts?.toWav("你好。再见。")) ?? new Uint8Array();
    const text = (part: Uint8Array) => String.fromCharCode(...part);
    return { head: text(wav.subarray(0, 4)), tail: text(wav.subarray(-24)), length: wav.length };
  });
  expect(tail).toContain("Voice silent, CC0-1.0\0");
  expect(head).toBe("RIFF");
  expect(length).toBeGreaterThan(44 + 2 * 16_000);
});

test("plays from the first sentence, tells the words as they sound, pauses and stops", async ({ warm }) => {
  const seen = await warm.page.evaluate(async () => {
    const tts = globalThis.tts;
    if (!tts) throw new Error("no engine was loaded");
    const states: string[] = [];
    const words: string[] = [];
    const playback = tts.speak("你好，世界。再见。");
    playback.on("state", ({ kind }) => states.push(kind));
    playback.on("word", (word) => word && words.push(word.text));
    const heard = new Promise<void>((resolve) => playback.on("position", (seconds) => seconds > 0.3 && resolve()));
    await heard;
    playback.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    playback.resume();
    await playback.finished;
    const second = tts.speak("你好。");
    second.stop();
    await second.finished;
    return { states, words, second: second.state.kind, stats: playback.stats };
  });
  expect(seen.states).toEqual(["playing", "paused", "playing", "finished"]);
  expect(seen.words.join("")).toBe("你好世界再见");
  expect(seen.second).toBe("stopped");
  expect(seen.stats.firstAudioSeconds).toBeLessThan(5);
  expect(seen.stats.audioSeconds).toBeGreaterThan(1);
});

test("plays each voice at its own sample rate, also when it is changed in mid-speech", async ({ warm }) => {
  const seen = await warm.page.evaluate(async () => {
    const tts = globalThis.tts;
    if (!tts) throw new Error("no engine was loaded");
    const rates: number[] = [];
    const Plain = globalThis.AudioContext;
    globalThis.AudioContext = class extends Plain {
      constructor(options?: AudioContextOptions) {
        super(options);
        rates.push(this.sampleRate);
      }
    };
    const codes: string[] = [];
    const words: string[] = [];
    const speak = async (text: string, voice: string, next?: string) => {
      const playback = tts.speak(text, { voice, pitch: 1 });
      playback.on("notice", ({ code }) => codes.push(`${voice} ${code}`));
      playback.on("word", (word) => word && words.push(word.text));
      if (next) playback.change({ voice: next });
      await playback.finished;
      return playback.stats.audioSeconds;
    };
    await speak("你好。", "silent");
    const seconds = await speak("你好。再见。", "matcha");
    await speak("你好。再见。", "silent", "matcha");
    globalThis.AudioContext = Plain;
    return { rates, codes, words, seconds };
  });
  expect(seen.rates.filter((rate, at) => rate !== seen.rates[at - 1]).slice(-2)).toEqual([24_000, 16_000]);
  expect(seen.codes).toEqual(["matcha option.unsupported", "silent option.unsupported"]);
  expect(seen.words.join("")).toBe("你好你好再见你好再见");
  expect(seen.seconds).toBeGreaterThan(0.3);
});

test("a change that cannot be is refused, and speech goes on; one to a voice of another rate is heard to the end", async ({
  warm,
}) => {
  const seen = await warm.page.evaluate(async () => {
    const tts = globalThis.tts;
    if (!tts) throw new Error("no engine was loaded");
    const text = "一二三四五六七八。一二三四五六七八。一二三四五六七八。";
    const code = (error: { code: string }) => error.code;
    const speak = async (changes: readonly object[]) => {
      const words: string[] = [];
      const playback = tts.speak(text, { voice: "silent" });
      playback.on("word", (word) => word && words.push(word.text));
      // All of it is made already.
      await new Promise<void>((resolve) => playback.on("chunk", ({ last }) => last && resolve()));
      const told = [];
      for (const change of changes) told.push(await playback.change(change).catch(code));
      await playback.finished;
      return { told, words: words.join(""), kind: playback.state.kind };
    };
    return [await speak([{ voice: "nope" }, { speed: 9 }]), await speak([{ voice: "matcha" }])];
  });
  const words = "一二三四五六七八".repeat(3);
  expect(seen).toEqual([
    { told: ["voice.not_found", "option.invalid"], words, kind: "finished" },
    { told: [true], words, kind: "finished" },
  ]);
});

test("changes speed from the next sentence on", async ({ warm }) => {
  const spans = await warm.page.evaluate(async () => {
    const playback = globalThis.tts?.speak("一二三四五。一二三四五。一二三四五。");
    const seconds: number[] = [];
    playback?.on("chunk", ({ samples, sampleRate }) => seconds.push(samples.length / sampleRate));
    playback?.change({ speed: 2 });
    await new Promise<void>((resolve) => playback?.on("chunk", () => seconds.length === 3 && resolve()));
    playback?.stop();
    return seconds;
  });
  expect(spans.length).toBe(3);
  expect((spans[1] ?? 0) / (spans[0] ?? 1)).toBeLessThan(0.7);
});

test("explains readings, and takes the user's words, beside a stream", async ({ warm }) => {
  const seen = await warm.page.evaluate(async () => {
    const tts = globalThis.tts;
    if (!tts) throw new Error("no engine was loaded");
    const pinyin = async () => {
      const { words } = await tts.explain("😀重庆", { markup: "none" });
      return words.flatMap(({ start, stop, syllables }) => [start, stop, ...syllables.map((one) => one.pinyin)]);
    };
    const code = (error: { code: string }) => error.code;
    const speaking = tts.stream("一。二。三。");
    await speaking.next();
    const before = await pinyin();
    await tts.setWord("重庆", "zhong4 qing4");
    const words = await tts.words();
    const after = await pinyin();
    const wrong = await tts.setWord("好", "hao").catch(code);
    const option = await tts.explain("好", { speed: 9 }).catch(code);
    await tts.setWord("重庆", "");
    const rest = [];
    for await (const { index } of speaking) rest.push(index);
    return { before, words, after, wrong, option, forgotten: await tts.words(), rest };
  });
  expect(seen.before).toEqual([2, 4, "chong", "qing"]);
  expect(seen.words).toEqual({ 重庆: "zhong4 qing4" });
  expect(seen.after).toEqual([2, 4, "zhong", "qing"]);
  expect([seen.wrong, seen.option]).toEqual(["lexicon.invalid", "option.invalid"]);
  expect(seen.forgotten).toEqual({});
  expect(seen.rest).toEqual([1, 2]);
});

test("asks no other origin for anything", async ({ warm, server }) => {
  expect(warm.asked.length).toBeGreaterThan(10);
  expect(foreign(warm.asked, server)).toEqual([]);
});

test("uses threads only where the page is isolated", async ({ warm, isolated }) => {
  const { threads, shared } = await warm.page.evaluate(async () => ({
    threads: (await globalThis.tts?.info())?.threads ?? 0,
    shared: globalThis.crossOriginIsolated,
  }));
  expect(shared).toBe(isolated);
  if (!isolated) expect(threads).toBe(1);
  else expect(threads).toBeGreaterThanOrEqual(1);
});

const modelThreads = (page: Page) => page.workers().filter((worker) => worker.url().includes("ort-worker")).length;

test("makes a long text in two threads of models where the page is isolated, says the same, and lets the second go", async ({
  warm: { page },
}) => {
  const usual = await page.evaluate(async () => Number(((await globalThis.tts?.info())?.threads ?? 0) > 1));
  const text = TEXT.repeat(40);
  await expect.poll(() => modelThreads(page), { timeout: 15_000 }).toBe(usual);
  const alone = value(await stream(page, text));
  await expect.poll(() => modelThreads(page)).toBe(2 * usual);
  const together = value(await stream(page, text));
  expect(together.map(({ words, span }) => ({ words, span }))).toEqual(
    alone.map(({ words, span }) => ({ words, span })),
  );
  const [one, other] = [joined(alone).samples, joined(together).samples];
  expect(other.length).toBe(one.length);
  expect(one.reduce((most, sample, at) => Math.max(most, Math.abs(sample - (other[at] ?? 1))), 0)).toBeLessThan(1e-3);
  await expect.poll(() => modelThreads(page), { timeout: 15_000 }).toBe(usual);
  expect(value(await stream(page, TEXT)).length).toBe(2);
});

test("keeps to one thread of models while it only has to keep up with its own voice", async ({ warm: { page } }) => {
  await expect.poll(() => modelThreads(page), { timeout: 15_000 }).toBeLessThan(2);
  await page.evaluate(async (text) => {
    const playback = globalThis.tts?.speak(text);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    playback?.stop();
  }, TEXT.repeat(40));
  expect(modelThreads(page)).toBeLessThan(2);
});
