import { expect, it } from "vitest";
import { bare, isSsml, shown } from "./bare.ts";

it.each([
  ["<speak>好</speak>", true],
  ["\ufeff <?xml version='1.0'?>\n<speak>好</speak>", true],
  ["<speak/>", true],
  ["<speaker>好", false],
  ["好<speak>", false],
])("knows %s for mark-up or not", (text, expected) => {
  expect(isSsml(text)).toBe(expected);
});

it("shows what an option leaves of a text", () => {
  const text = "<speak>好{hao3}</speak>";
  expect((["auto", "ssml", "inline", "none"] as const).map((markup) => shown(text, markup).text)).toEqual([
    "好",
    "好",
    "<speak>好</speak>",
    text,
  ]);
});

it.each([
  ["重{chong2}庆，银行{yin2 hang2}。", false, "重庆，银行。"],
  ["a < b {不是拼音} <b>", false, "a < b {不是拼音} <b>"],
  [
    "<?xml version='1.0'?><speak><!-- 不 > 说 -->你<mark name='a>b'/>好<![CDATA[<再见>]]>&quot;&#x5e86;&#26472;</speak>",
    true,
    '你好<再见>"庆杨',
  ],
  ["<speak>你<break time='1s'/>好 &amp; 再见{jian4}</speak>", true, "你好 & 再见"],
])("takes the mark-up of %s away", (source, ssml, expected) => {
  const { text, at } = bare(source, ssml);
  expect(text).toBe(expected);
  for (const char of "重庆银行你好再见") {
    if (source.includes(char)) expect(at(source.indexOf(char)), char).toBe(text.indexOf(char));
  }
  expect(at(source.length)).toBe(text.length);
});
