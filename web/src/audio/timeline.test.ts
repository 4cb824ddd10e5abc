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

function chunk(seconds: number, words: Word[]): Chunk {
  return {
    index: 0,
    samples: new Float32Array(seconds * 16_000),
    sampleRate: 16_000,
    span: { start: 0, stop: 0 },
    words,
    notices: [],
    last: false,
    emotion: null,
    synthesisSeconds: 0,
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
