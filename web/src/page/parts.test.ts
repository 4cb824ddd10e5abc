import { expect, it } from "vitest";
import { codePoints, paragraphs, parts, pieces } from "./parts.ts";

const cutUp = (text: string, from = 0, limit = 10) =>
  [...parts(text, from, limit)].map(({ start, stop }) => text.slice(start, stop));

it("finds the paragraphs, without blank lines and the blanks around", () => {
  const text = "　　一二。\r\n\r\n \n三四。  \n";
  expect(paragraphs(text).map(({ start, stop }) => text.slice(start, stop))).toEqual(["一二。", "三四。"]);
  expect(paragraphs("")).toEqual([]);
});

it("keeps whole paragraphs together up to the limit", () => {
  expect(cutUp("一二三。\n四五六。\n七八九。")).toEqual(["一二三。\n四五六。", "七八九。"]);
});

it("cuts a long paragraph behind sentences, and a long sentence anywhere but inside a character", () => {
  expect(cutUp("一二三。四五六。七八九。十")).toEqual(["一二三。四五六。", "七八九。十"]);
  const rare = "𠮷".repeat(25);
  const cutRare = cutUp(rare);
  expect(cutRare.join("")).toBe(rare);
  expect(cutRare.map(codePoints)).toEqual([10, 10, 5]);
});

it("does not part a character from its reading", () => {
  const text = "一二三四五六重{chong2}庆";
  const cutText = [...pieces(text, { start: 0, stop: text.length }, 10)].map(({ start, stop }) =>
    text.slice(start, stop),
  );
  expect(cutText.join("")).toBe(text);
  expect(cutText.some((piece) => piece.includes("重{chong2}"))).toBe(true);
});

it("begins anywhere and leaves mark-up whole", () => {
  expect(cutUp("一二三。\n四五六。", 6)).toEqual(["五六。"]);
  const ssml = `<speak>${"一二三。\n".repeat(20)}</speak>`;
  expect(cutUp(ssml)).toEqual([ssml]);
});

it("takes a book of a million characters in little time", () => {
  const text = "山高月小，水落石出。\n".repeat(90_000);
  let count = 0;
  for (const part of parts(text)) count += part.stop - part.start;
  expect(count).toBeGreaterThan(900_000);
});
