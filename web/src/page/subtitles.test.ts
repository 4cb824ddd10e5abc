import { expect, it } from "vitest";
import { asSrt, asVtt, cues } from "./subtitles.ts";

/** Two characters a word, a quarter of a second each. */
function timed(source: string) {
  return [...source.matchAll(/\p{Script=Han}{1,2}/gu)].map((found, at) => ({
    start: found.index,
    stop: found.index + found[0].length,
    begin: at * 0.25,
    end: at * 0.25 + 0.2,
  }));
}

it("ends lines with sentences, keeps their punctuation, and never grows too long", () => {
  const source = "“你好。”他说。山高月小水落石出山高月小水落石出，山高月小水落石出山高月小水落石出";
  const lines = cues(source, timed(source));
  expect(lines.map(({ text }) => text).slice(0, 2)).toEqual(["你好。”", "他说。"]);
  for (const { text } of lines) expect(text.length).toBeLessThanOrEqual(23);
  expect(lines.map(({ text }) => text).join("")).toBe(source.slice(1));
});

it("leaves out mark-up and readings", () => {
  const source = "重{chong2}庆<break time='1s'/>好。";
  const words = [
    { start: 0, stop: 11, begin: 0, end: 0.5 },
    { start: source.indexOf("好"), stop: source.indexOf("好") + 1, begin: 0.6, end: 0.8 },
  ];
  expect(cues(source, words).map(({ text }) => text)).toEqual(["重庆好。"]);
});

it("writes both forms", () => {
  const lines = [
    { begin: 0, end: 1.5, text: "a < b & c" },
    { begin: 3661.0406, end: 3662, text: "二" },
  ];
  expect(asSrt(lines)).toBe(
    "1\r\n00:00:00,000 --> 00:00:01,500\r\na < b & c\r\n\r\n2\r\n01:01:01,041 --> 01:01:02,000\r\n二\r\n",
  );
  expect(asVtt(lines)).toBe(
    "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\na &lt; b &amp; c\n\n01:01:01.041 --> 01:01:02.000\n二\n",
  );
});
