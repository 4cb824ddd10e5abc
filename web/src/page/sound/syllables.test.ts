import { expect, it } from "vitest";
import { timedSyllables } from "./syllables.ts";

const word = (text: string, start: number, stop: number, begin: number, end: number) => ({
  text,
  start,
  stop,
  begin,
  end,
  estimated: false,
});
const phone = (name: string, begin: number, end: number) => ({ phone: name, begin, end });

it("finds each character's time between its initial and its final", () => {
  const spoken = "重{chong2}庆，爱";
  const phones = [
    phone("sil", 0, 0.1),
    phone("ch", 0.1, 0.2),
    phone("ong", 0.2, 0.4),
    phone("q", 0.4, 0.5),
    phone("ing", 0.5, 0.7),
    phone("sp", 0.7, 0.9),
    phone("ai", 0.9, 1.2),
  ];
  const words = [word("重庆", 0, 10, 0.1, 0.7), word("爱", 11, 12, 0.9, 1.2)];
  expect(timedSyllables(spoken, words, phones)).toEqual([
    { text: "重", start: 0, stop: 1, begin: 0.1, end: 0.4 },
    { text: "庆", start: 9, stop: 10, begin: 0.4, end: 0.7 },
    { text: "爱", start: 11, stop: 12, begin: 0.9, end: 1.2 },
  ]);
});

it("gives none to a number, whose syllables are not its characters", () => {
  const phones = [phone("er", 0, 0.2), phone("l", 0.2, 0.3), phone("ing", 0.3, 0.5)];
  expect(timedSyllables("20", [word("二零", 0, 2, 0, 0.5)], phones)).toEqual([]);
});

it("adds an erhua to the syllable before it", () => {
  const phones = [phone("h", 0, 0.1), phone("ua", 0.1, 0.3), phone("rr", 0.3, 0.4)];
  expect(timedSyllables("花", [word("花", 0, 1, 0, 0.4)], phones)).toEqual([
    { text: "花", start: 0, stop: 1, begin: 0, end: 0.4 },
  ]);
});
