import { expect, it } from "vitest";
import type { Chunk, Word } from "../protocol.ts";
import { checkedFormat, encodeSubtitles } from "./subtitles.ts";

const TEXT = "你好，<世界>！这是一个很长很长的句子，它有许许多多的词，一行放不下。";

/** A word of every character, half a second each, in chunks of `size` characters. */
function chunks(text: string, size: number): Chunk[] {
  const spoken = [...text.matchAll(/\p{L}/gu)].map(({ index }) => index);
  const made: Chunk[] = [];
  for (let at = 0; at < spoken.length; at += size) {
    const words = spoken.slice(at, at + size).map((start, place): Word => {
      return {
        text: text[start] ?? "",
        start,
        stop: start + 1,
        begin: place / 2,
        end: place / 2 + 0.5,
        estimated: false,
      };
    });
    const sentence = (words[0]?.start ?? 0) <= text.indexOf("！") ? 0 : 1;
    made.push({
      words,
      sentence,
      samples: new Float32Array(words.length * 8000),
      sampleRate: 16_000,
    } as unknown as Chunk);
  }
  return made;
}

it("writes SubRip: numbered, timed, lines that can be read, nothing lost", () => {
  const srt = encodeSubtitles(chunks(TEXT, 4), TEXT, "srt");
  expect(srt.startsWith("1\n00:00:00,000 --> 00:00:02,000\n你好，<世界>！\n\n2\n00:00:02,000 --> ")).toBe(true);
  const lines = srt.split("\n\n").map((cue) => cue.trim().split("\n"));
  expect(lines.map(([number]) => Number(number))).toEqual(lines.map((_, at) => at + 1));
  expect(lines.map(([, , text]) => text).join("")).toBe(TEXT);
  for (const [, , text] of lines) expect(text?.length).toBeLessThanOrEqual(24);
  expect(lines.at(-1)?.[1]).toContain("00:00:14,000");
});

it("writes WebVTT with the time of every word, and escapes what would be mark-up", () => {
  const vtt = encodeSubtitles(chunks(TEXT, 4), TEXT, "vtt");
  expect(vtt.startsWith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\n你<00:00:00.500>好，&lt;<00:00:01.000>世")).toBe(
    true,
  );
});

it("is empty where nothing is spoken", () => {
  expect(encodeSubtitles([], "", "srt")).toBe("");
  expect(encodeSubtitles([], "", "vtt")).toBe("WEBVTT\n\n");
});

it("knows two formats, and refuses others by name", () => {
  expect([checkedFormat("srt"), checkedFormat("vtt")]).toEqual(["srt", "vtt"]);
  const refused = expect.objectContaining({ code: "option.invalid", message: "format is ass, expected srt or vtt." });
  expect(() => checkedFormat("ass")).toThrowError(refused);
});
