/** What `make bench` measures of the engine, on the device that runs this page. */
import { Qingsheng } from "../index.ts";
import type { StageSeconds } from "../protocol.ts";
import { type Spread, spread } from "./statistics.ts";

const SENTENCE = "今天天气真好，我们一起去公园散步吧。";
const PARAGRAPH =
  "春天来了，公园里的花都开了。老人在树下下棋，孩子们在草地上放风筝。远处传来一阵笑声，让人觉得生活其实很简单。";
const ROUNDS = 5;
const MEMORY_SECONDS = 5;

export interface Measured {
  readonly format: 1;
  readonly date: string;
  readonly device: { readonly agent: string; readonly processors: number; readonly isolated: boolean };
  readonly engine: { readonly version: string; readonly threads: number; readonly voice: string };
  readonly bootSeconds: number;
  readonly stageSeconds: StageSeconds;
  /** Seconds from the request to the first chunk, engine warm. */
  readonly firstChunk: Spread;
  /** Seconds of work for a second of sound. */
  readonly realTime: Spread;
  /** Bytes of the page's agent cluster; absent where the browser does not tell. */
  readonly memoryBytes?: number;
}

type Step = (text: string) => void;

export async function measureDevice(step: Step): Promise<Measured> {
  step("引擎启动 · engine");
  let boot = { seconds: 0, stageSeconds: {} as StageSeconds };
  const tts = await Qingsheng.load({
    onProgress: (event) => {
      if (event.kind === "ready") boot = event;
    },
  });
  try {
    const { version, threads, defaultVoice } = await tts.info();
    const firstChunk: number[] = [];
    const realTime: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      step(`${round} / ${ROUNDS}`);
      const short = await speak(tts, SENTENCE);
      const long = await speak(tts, PARAGRAPH);
      // The first round warms.
      if (round > 0) firstChunk.push(short.first);
      if (round > 0) realTime.push(long.total / long.sound);
    }
    const memoryBytes = await memory();
    return {
      format: 1,
      date: new Date().toISOString(),
      device: {
        agent: navigator.userAgent,
        processors: navigator.hardwareConcurrency,
        isolated: globalThis.crossOriginIsolated,
      },
      engine: { version, threads, voice: defaultVoice },
      bootSeconds: boot.seconds,
      stageSeconds: boot.stageSeconds,
      firstChunk: spread(firstChunk),
      realTime: spread(realTime),
      ...(memoryBytes !== undefined && { memoryBytes }),
    };
  } finally {
    await tts.dispose();
  }
}

async function speak(tts: Qingsheng, text: string) {
  const began = performance.now();
  let first: number | undefined;
  let sound = 0;
  for await (const { samples, sampleRate } of tts.stream(text)) {
    first ??= performance.now() - began;
    sound += samples.length / sampleRate;
  }
  return { first: (first ?? 0) / 1000, total: (performance.now() - began) / 1000, sound };
}

/** Only Chromium tells, only isolated pages, and only after a garbage collection, for which nobody should have to wait. */
async function memory(): Promise<number | undefined> {
  const tell = (performance as { measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }> })
    .measureUserAgentSpecificMemory;
  if (!tell || !globalThis.crossOriginIsolated) return undefined;
  const told = tell.call(performance).then(({ bytes }) => bytes);
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, MEMORY_SECONDS * 1000, undefined));
  return Promise.race([told, late]);
}
