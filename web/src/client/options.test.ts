import { expect, it } from "vitest";
import { bootOptions } from "./boot-options.ts";
import { checkedOptions, checkedString, checkedTarget, checkedVolume } from "./options.ts";

const refused = (options: unknown, of: "speech" | "stream" | "live" | "load" = "stream") => {
  try {
    checkedOptions(options, of);
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
  return "taken";
};

it("takes what the types allow, null where the engine takes it, and leaves it as it is", () => {
  const options = {
    voice: "qingsheng/yue",
    speed: 0.5,
    pitch: -12,
    markup: "ssml",
    lexicon: { 重庆: "chong2 qing4" },
    emoji: "name",
    languages: ["zh", "en"],
    emotion: { joy: 0.7, surprise: undefined },
    intensity: 0,
    style: null,
    signal: new AbortController().signal,
    from: 0,
  };
  expect(checkedOptions(options, "stream")).toBe(options);
  expect(refused({ voice: null, languages: null, emotion: "joy", speed: undefined }, "speech")).toBe("taken");
  expect(refused({ flushAfter: 0 }, "live")).toBe("taken");
  expect(refused({ baseUrl: new URL("https://a.example/"), threads: 2, volume: 1 }, "load")).toBe("taken");
});

for (const [options, message] of [
  [{ speed: Number.NaN }, "speed is NaN, expected a number."],
  [{ speed: Number.POSITIVE_INFINITY }, "speed is Infinity, expected a number."],
  [{ pitch: null }, "pitch is null, expected a number."],
  [{ intensity: "1" }, 'intensity is "1", expected a number.'],
  [{ speed: 10n }, "speed is 10n, expected a number."],
  [{ speed: () => 1 }, "speed is a function, expected a number."],
  [{ speed: Symbol("x") }, "speed is Symbol(x), expected a number."],
  [{ speed: true }, "speed is true, expected a number."],
  [{ voice: 42 }, "voice is 42, expected a string, null or nothing."],
  [{ emotion: { joy: Number.NaN } }, 'emotion is {"joy": NaN}, expected a string or an object of names with weights.'],
  [{ emotion: ["joy"] }, 'emotion is ["joy"], expected a string or an object of names with weights.'],
  [{ lexicon: { 重: [1] } }, 'lexicon is {"重": […]}, expected an object of words and readings.'],
  [{ languages: "zh" }, 'languages is "zh", expected a list of strings, null or nothing.'],
  [{ from: Number.NaN }, "from is NaN, expected a whole number from 0."],
  [{ from: -1 }, "from is -1, expected a whole number from 0."],
  [{ signal: 3 }, "signal is 3, expected an AbortSignal, null or nothing."],
  [null, "options is null, expected an object."],
  [["joy"], 'options is ["joy"], expected an object.'],
  [
    { sped: 1 },
    'an option is "sped", expected only voice, speed, pitch, markup, lexicon, emoji, languages, emotion, intensity, style, signal, from.',
  ],
] as const) {
  it(`says of ${message.split(",")[0]} what it is and what was expected`, () => {
    expect(refused(options)).toBe(`option.invalid: ${message}`);
  });
}

it("looks at what an engine is loaded with, too", () => {
  expect(refused({ threads: Number.NaN }, "load")).toContain("threads is NaN, expected a whole number from 1");
  expect(refused({ threads: -1 }, "load")).toContain("threads is -1");
  expect(refused({ onProgress: 1 }, "load")).toContain("onProgress is 1, expected a function");
  expect(refused({ toString: "" }, "load")).toContain("option.invalid");
  expect(() => bootOptions({ baseUrl: "http://[" })).toThrowError('baseUrl is "http://[", expected the address');
  expect(bootOptions({ baseUrl: "https://a.example/b" })).toEqual({ baseUrl: "https://a.example/b/" });
});

it("looks at single values: texts, loudness, places", () => {
  expect(() => checkedString("word", null)).toThrowError("word is null, expected a string");
  for (const value of [null, "0.5", Number.NaN, 1.1, -1]) expect(() => checkedVolume(value)).toThrowError(/volume is/);
  expect(checkedVolume(0.5)).toBe(0.5);
  for (const target of [Number.NaN, null, undefined, {}, { start: "1" }]) {
    expect(() => checkedTarget(target)).toThrowError(/expected a/);
  }
  checkedTarget(1.5);
  checkedTarget({ start: 3 });
});
