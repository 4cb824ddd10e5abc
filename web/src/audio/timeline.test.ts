import { expect, it } from "vitest";
import type { Chunk, Word } from "../protocol.ts";
import { Timeline } from "./timeline.ts";

const word = (text: string, start: number, begin: number, end: number): Word => ({
  text,
  start,
  stop: start + text.length,
  begin,
  end,
  estimated: false,
});

function chunk(seconds: number, words: Word[], rest: Partial<Chunk> = {}): Chunk {
  return {
    index: 0,
    sentence: 0,
    samples: new Float32Array(seconds * 16_000),
    sampleRate: 16_000,
    span: { start: words[0]?.start ?? 0, stop: words.at(-1)?.stop ?? 0 },
    words,
    phones: [],
    pitch: { step: 0.0125, hertz: [] },
    marks: [],
    notices: [],
    last: false,
    emotion: null,
    synthesisSeconds: 0,
    ...rest,
  };
}

it("finds the word at a moment, across chunks, and none in a pause", () => {
  const timeline = new Timeline();
  timeline.add(chunk(2, [word("你好", 0, 0.1, 0.6), word("世界", 2, 0.6, 1.2)]), 0);
  timeline.add(chunk(1, [word("再见", 1, 0.2, 0.9)]), 5);
  expect([0, 0.1, 0.59, 0.6, 1.5, 2.1, 2.3].map((at) => timeline.at(at)?.text)).toEqual([
    undefined,
    "你好",
    "你好",
    "世界",
    undefined,
    undefined,
    "再见",
  ]);
  expect(timeline.at(2.3)).toMatchObject({ start: 6, stop: 8 });
  expect(timeline.seconds).toBe(3);
});

it("finds phones and marks by their time, each mark once", () => {
  const timeline = new Timeline();
  const phones = [{ phone: "n", begin: 0.1, end: 0.2 }];
  const marks = [{ name: "a", start: 3, stop: 9, at: 0 }];
  timeline.add(chunk(1, []), 0);
  timeline.add(chunk(1, [], { phones, marks }), 2);
  expect(timeline.phoneAt(1.15)?.phone).toBe("n");
  expect(timeline.phoneAt(1.25)).toBeUndefined();
  expect(timeline.marksBetween(-1, 0.9)).toEqual([]);
  expect(timeline.marksBetween(0.9, 1)).toEqual([{ name: "a", start: 5, stop: 11, at: 1 }]);
  expect(timeline.marksBetween(1, 2)).toEqual([]);
});

it("knows where the next sentence begins, also when a sentence has several chunks", () => {
  const timeline = new Timeline();
  timeline.add(chunk(1, [word("你好", 0, 0, 0.5)]), 0);
  timeline.add(chunk(1, [word("世界", 2, 0, 0.5)]), 0);
  timeline.add(chunk(1, [word("再见", 5, 0.1, 0.5)], { sentence: 1 }), 0);
  expect(timeline.sentenceAfter(0.5)).toEqual({ begin: 2, start: 5 });
  expect(timeline.sentenceAfter(2)).toBeUndefined();
});

it("finds words by time and by place, and forgets what will sound differently", () => {
  const timeline = new Timeline();
  timeline.add(chunk(1, [word("你好", 0, 0.1, 0.5), word("世界", 3, 0.5, 0.9)]), 0);
  timeline.add(chunk(1, [word("再见", 6, 0.1, 0.5)], { sentence: 1 }), 0);
  expect([0, 0.6, 0.95, 5].map((at) => timeline.wordNear(at)?.text)).toEqual(["你好", "世界", "再见", "再见"]);
  expect([0, 1, 2, 6, 8].map((at) => timeline.wordFrom(at)?.text)).toEqual(["你好", "你好", "世界", "再见", undefined]);
  timeline.truncate(0.5);
  expect(timeline.seconds).toBe(0.5);
  expect(timeline.wordFrom(3)).toBeUndefined();
  expect(timeline.at(0.3)?.text).toBe("你好");
  timeline.add(chunk(1, [word("世界", 3, 0, 0.4)]), 0);
  expect(timeline.at(0.6)).toMatchObject({ text: "世界", begin: 0.5 });
});
