/** Speech while it is made: parts of a sentence, seeking, text that is still being written, the ring of shared memory. */
import { stream, value } from "./engine.ts";
import { expect, test } from "./fixtures.ts";

const LONG = "今天天气很好，我们一起去公园看花，然后回家吃饭。你说好不好？";

test("a long sentence comes in parts, of which the first is short", async ({ warm }) => {
  const chunks = value(await stream(warm.page, LONG));
  const [first, ...rest] = chunks.filter(({ sentence }) => sentence === 0);
  expect(rest.length).toBeGreaterThan(1);
  expect((first?.samples.length ?? 0) / (first?.sampleRate ?? 1)).toBeLessThan(0.9);
  expect(chunks.map(({ span }) => LONG.slice(span.start, span.stop)).join("")).toBe(LONG);
  expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, at) => at));
  expect(chunks.filter(({ last }) => last).length).toBe(1);
  for (const { phones, pitch, sampleRate, samples, words } of chunks) {
    expect(phones.length).toBeGreaterThanOrEqual(words.length);
    expect(Math.abs(pitch.hertz.length * pitch.step - samples.length / sampleRate)).toBeLessThan(0.0126);
  }
});

test("begins at a word, spoken as in the whole text", async ({ warm }) => {
  const from = LONG.indexOf("然后");
  const spoken = await warm.page.evaluate(
    async ({ text, from }) => {
      const words: string[] = [];
      for await (const chunk of globalThis.tts?.stream(text, { from }) ?? []) {
        words.push(...chunk.words.map((word) => word.text));
      }
      return words.join("");
    },
    { text: LONG, from },
  );
  expect(spoken).toBe("然后回家吃饭你说好不好");
});

test("seeks by word and by time, also while paused, and words follow", async ({ warm }) => {
  const seen = await warm.page.evaluate(async (text) => {
    const tts = globalThis.tts;
    if (!tts) throw new Error("no engine was loaded");
    const playback = tts.speak(text);
    const words: string[] = [];
    const states: string[] = [];
    playback.on("word", (word) => word && words.push(word.text));
    playback.on("state", ({ kind }) => states.push(kind));
    const wordIs = (wanted: string) =>
      new Promise<void>((resolve) => playback.on("word", (word) => word?.text === wanted && resolve()));
    await wordIs("今天");
    playback.seek({ start: text.indexOf("吃饭") });
    await wordIs("吃饭");
    playback.pause();
    playback.seek(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const paused = { state: playback.state.kind, position: playback.position };
    words.length = 0;
    playback.resume();
    await playback.finished;
    return { words: words.join(""), states, paused };
  }, LONG);
  expect(seen.paused.state).toBe("paused");
  expect(seen.paused.position).toBeLessThan(0.1);
  expect(seen.words).toBe("今天天气很好我们一起去公园看花然后回家吃饭你说好不好");
  expect(seen.states.at(-1)).toBe("finished");
});

test("takes another speed while it speaks, from the next sentence on, which was made already", async ({ warm }) => {
  const seen = await warm.page.evaluate(async () => {
    const text = "一二三四五六七八。一二三四五六七八。一二三四五六七八。";
    const playback = globalThis.tts?.speak(text);
    if (!playback) throw new Error("no engine was loaded");
    const lengths: Record<number, number> = {};
    const words: { start: number; seconds: number }[] = [];
    let chunks = 0;
    playback.on("chunk", ({ sentence, samples, sampleRate, last }) => {
      lengths[sentence] = (lengths[sentence] ?? 0) + samples.length / sampleRate;
      if (last) chunks += 1;
    });
    playback.on("word", (word) => word && words.push({ start: word.start, seconds: word.end - word.begin }));
    // All three sentences are made; the first has only begun.
    await new Promise<void>((resolve) => {
      playback.on("chunk", ({ last }) => last && resolve());
    });
    const before = { ...lengths };
    for (const name of Object.keys(lengths)) delete lengths[Number(name)];
    playback.change({ speed: 2 });
    await playback.finished;
    return { before, after: lengths, words, chunks };
  });
  expect(Object.keys(seen.before)).toEqual(["0", "1", "2"]);
  expect(Object.keys(seen.after)).toEqual(["1", "2"]);
  expect((seen.after[1] ?? 0) / (seen.before[1] ?? 1)).toBeLessThan(0.7);
  expect(seen.words.map(({ start }) => start)).toEqual([...seen.words.map(({ start }) => start)].sort((a, b) => a - b));
  expect(new Set(seen.words.map(({ start }) => start)).size).toBe(seen.words.length);
});

test("speaks a text while it is being written, and finishes with it", async ({ warm }) => {
  const seen = await warm.page.evaluate(async () => {
    const live = globalThis.tts?.live({ flushAfter: 0 });
    if (!live) throw new Error("no engine was loaded");
    const words: string[] = [];
    const made: string[] = [];
    live.playback.on("word", (word) => word && words.push(word.text));
    live.playback.on("chunk", ({ span }) => made.push(live.text.slice(span.start, span.stop)));
    const firstChunk = new Promise<void>((resolve) => live.playback.on("chunk", () => resolve()));
    live.push("你好");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const early = made.length;
    live.push("，世界。再");
    await firstChunk;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const complete = made.join("");
    live.flush();
    live.push("**\n");
    live.push("见");
    live.end();
    await live.playback.finished;
    return { early, complete, words: words.join(""), state: live.playback.state.kind, made: made.join("") };
  });
  expect(seen.early).toBe(0);
  expect(seen.complete).toBe("你好，世界。");
  expect(seen.words).toBe("你好世界再见");
  expect(seen.state).toBe("finished");
});

test("an incomplete sentence is spoken when the writing pauses", async ({ warm }) => {
  const spoken = await warm.page.evaluate(async () => {
    const live = globalThis.tts?.live({ flushAfter: 0.2 });
    if (!live) throw new Error("no engine was loaded");
    live.push("你好");
    const text = await new Promise<string>((resolve) =>
      live.playback.on("chunk", ({ words }) => resolve(words.map((word) => word.text).join(""))),
    );
    live.stop();
    await live.playback.finished;
    return `${text} ${live.playback.state.kind}`;
  });
  expect(spoken).toBe("你好 stopped");
});

test("tells phones and marks as they sound", async ({ warm }) => {
  const seen = await warm.page.evaluate(async () => {
    const playback = globalThis.tts?.speak('<speak>你<mark name="a"/>好，<mark name="b"/>世界</speak>');
    if (!playback) throw new Error("no engine was loaded");
    const phones: string[] = [];
    const marks: string[] = [];
    playback.on("phone", (phone) => phone && phones.push(phone.phone));
    playback.on("mark", ({ name, at }) => marks.push(`${name} ${at > 0}`));
    await playback.finished;
    return { phones, marks };
  });
  expect(seen.marks).toEqual(["a true", "b true"]);
  expect(seen.phones.filter((phone) => !["sil", "sp"].includes(phone)).join(" ")).toBe("n i h ao sh iii j ie");
});

test("plays through shared memory where the page is isolated, through messages where not, the same samples", async ({
  warm,
  isolated,
}) => {
  const seen = await warm.page.evaluate(async () => {
    const tts = globalThis.tts;
    if (!tts) throw new Error("no engine was loaded");
    const rings: boolean[] = [];
    const messages: string[] = [];
    const Plain = globalThis.AudioWorkletNode;
    const heard: AnalyserNode[] = [];
    globalThis.AudioWorkletNode = class extends Plain {
      constructor(context: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
        super(context, name, options);
        const { ring } = (options?.processorOptions ?? {}) as { ring?: object };
        rings.push(Object.prototype.toString.call(ring) === "[object SharedArrayBuffer]");
        const send = this.port.postMessage.bind(this.port);
        this.port.postMessage = (message: { type: string }, ...rest: unknown[]) => {
          messages.push(message.type);
          return (send as (...values: unknown[]) => void)(message, ...rest);
        };
        const analyser = context.createAnalyser();
        this.connect(analyser);
        heard.push(analyser);
      }
    };
    let loudest = 0;
    const playback = tts.speak("你好，世界。再见。");
    playback.on("position", () => {
      const block = new Float32Array(heard[0]?.fftSize ?? 0);
      heard[0]?.getFloatTimeDomainData(block);
      loudest = Math.max(loudest, ...block.map(Math.abs));
    });
    await playback.finished;
    globalThis.AudioWorkletNode = Plain;
    return { rings, pushes: messages.filter((type) => type === "push").length, loudest, stats: playback.stats };
  });
  expect(seen.rings).toEqual([isolated]);
  expect(seen.pushes > 0).toBe(!isolated);
  expect(seen.loudest).toBeGreaterThan(0.05);
  expect(seen.stats.audioSeconds).toBeGreaterThan(1);
});

test("a stopped speech frees the engine at once", async ({ warm }) => {
  const seen = await warm.page.evaluate(async (text) => {
    const tts = globalThis.tts;
    if (!tts) throw new Error("no engine was loaded");
    const long = tts.speak(text.repeat(40));
    await new Promise<void>((resolve) => long.on("chunk", () => resolve()));
    let after = 0;
    long.on("chunk", () => {
      after += 1;
    });
    long.stop();
    const chunks: number[] = [];
    for await (const { index } of tts.stream("好。")) chunks.push(index);
    return { after, chunks, state: long.state.kind };
  }, LONG);
  expect(seen).toEqual({ after: 0, chunks: [0], state: "stopped" });
});

test("writes subtitles", async ({ warm }) => {
  const [srt, vtt] = await warm.page.evaluate(async (text) => {
    return Promise.all([globalThis.tts?.toSubtitles(text, "srt"), globalThis.tts?.toSubtitles(text, "vtt")]);
  }, LONG);
  expect(srt).toMatch(/^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\n今天天气/);
  expect(
    srt
      ?.split("\n\n")
      .map((cue) => cue.trim().split("\n")[2])
      .join(""),
  ).toBe(LONG);
  expect(vtt).toMatch(/^WEBVTT\n\n1\n/);
});

test("subtitles show the text, not its mark-up", async ({ warm }) => {
  const lines = await warm.page.evaluate(async () => {
    const tts = globalThis.tts;
    const shown = async (text: string, options: object) =>
      ((await tts?.toSubtitles(text, "srt", options)) ?? "").split("\n").filter((_line, at) => at % 4 === 2);
    return {
      ssml: await shown("<speak>你好<break time='100ms'/>我是<sub alias='轻声'>QS</sub>。A &amp; B。</speak>", {}),
      braces: await shown("重{chong2}庆的银行{yin2 hang2}。", {}),
      plain: await shown("一 <b> 二。", { markup: "none" }),
    };
  });
  expect(lines).toEqual({ ssml: ["你好我是QS。", "A & B。"], braces: ["重庆的银行。"], plain: ["一 <b> 二。"] });
});
