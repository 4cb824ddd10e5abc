import { expect, it } from "vitest";
import { bare } from "./bare.ts";

it.each([
  ["重{chong2}庆，银行{yin2 hang2}。", false, "重庆，银行。"],
  ["a < b {不是拼音} <b>", false, "a < b {不是拼音} <b>"],
  ["<speak>你<break time='1s'/>好 &amp; 再见{jian4}</speak>", true, "你好 & 再见"],
])("takes the mark-up of %s away", (source, ssml, expected) => {
  const { text, at } = bare(source, ssml);
  expect(text).toBe(expected);
  for (const char of "重庆银行你好再见") {
    if (source.includes(char)) expect(at(source.indexOf(char)), char).toBe(text.indexOf(char));
  }
  expect(at(source.length)).toBe(text.length);
});
