import { expect, it } from "vitest";
import type { ExplainedSyllable, Explanation } from "../protocol.ts";
import { layOut, mayBreakBetween, wordReading } from "./layout.ts";

const syllable = (
  pinyin: string,
  tone: number,
  start: number,
  stop: number,
  more: Partial<ExplainedSyllable> = {},
) => ({
  pinyin,
  tone,
  lexical_tone: tone,
  erhua: false,
  start,
  stop,
  reason: "commonest reading",
  sandhi: "",
  alternatives: [],
  ...more,
});

const word = (text: string, start: number, stop: number, syllables: ExplainedSyllable[]) => ({
  text,
  start,
  stop,
  break: 1,
  pause: 0,
  pause_reason: "",
  syllables,
});

/** Each piece of the words, and what stands over it. */
const drawn = (laid: ReturnType<typeof layOut>) =>
  laid.flatMap((one) => (one.kind === "word" ? one.units.map(({ text, pinyin }) => [text, pinyin]) : []));

it("hides mark-up, keeps closing punctuation with its word, and the text between", () => {
  const source = "“重{chong2}庆”，好";
  const explanation: Explanation = {
    tokens: [{ text: "{chong2}", start: 2, stop: 10, rule: "mark-up", spoken: "" }],
    words: [
      word("重庆", 1, 11, [syllable("chong", 2, 1, 2), syllable("qing", 4, 10, 11)]),
      word("好", 13, 14, [syllable("hao", 3, 13, 14)]),
    ],
    notices: [],
  };
  const laid = layOut(source, explanation);
  expect(laid.map((one) => (one.kind === "word" ? [one.text, one.tail] : one.text))).toEqual([
    "“",
    ["重庆", "”，"],
    ["好", ""],
  ]);
  const first = laid[1];
  if (first?.kind !== "word") throw new Error("no word");
  expect(first.units.map(({ text, pinyin }) => [text, pinyin])).toEqual([
    ["重", "chóng"],
    ["庆", "qìng"],
  ]);
  expect(wordReading(first)).toEqual(["chong2", "qing4"]);
});

it("draws what is said for one sign over that sign, and nothing over Latin words", () => {
  const explanation: Explanation = {
    tokens: [],
    words: [
      word("三", 0, 2, [syllable("san", 1, 0, 2, { reason: "money" })]),
      word("元", 0, 2, [syllable("yuan", 2, 0, 2, { reason: "money" })]),
      word("OK", 2, 4, [syllable("ou", 1, 2, 4, { reason: "latin" }), syllable("kei", 4, 2, 4, { reason: "latin" })]),
    ],
    notices: [],
  };
  const laid = layOut("￥3OK", explanation);
  expect(drawn(laid)).toEqual([
    ["￥3", "sān yuán"],
    ["OK", ""],
  ]);
  for (const one of laid) if (one.kind === "word") expect(wordReading(one)).toBeUndefined();
});

it("digits beside letters have their pinyin, letters none", () => {
  const explanation: Explanation = {
    tokens: [],
    words: [
      word("G", 0, 1, [syllable("ji", 4, 0, 1, { reason: "latin" })]),
      word("七", 1, 2, [syllable("qi", 1, 1, 2, { reason: "latin.number" })]),
    ],
    notices: [],
  };
  expect(drawn(layOut("G7", explanation))).toEqual([
    ["G", ""],
    ["7", "qī"],
  ]);
});

it("a line may end between words of hanzi, not behind what opens, before what closes, nor inside what has no hanzi", () => {
  const text = (one: string) => ({ kind: "text" as const, text: one, start: 0, stop: one.length });
  const word = (one: string, tail = "") => ({ ...text(one), kind: "word" as const, units: [], tail });
  expect(mayBreakBetween(word("春天"), word("来"))).toBe(true);
  expect(mayBreakBetween(word("来", "，"), word("A"))).toBe(true);
  expect(mayBreakBetween(word("说", "："), text("“"))).toBe(true);
  expect(mayBreakBetween(text("“"), word("来"))).toBe(false);
  expect(mayBreakBetween(word("来"), text("”"))).toBe(false);
  expect(mayBreakBetween(word("A"), word("4"))).toBe(false);
  expect(mayBreakBetween(text(" "), word("来"))).toBe(false);
});
