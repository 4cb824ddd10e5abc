import { expect, it } from "vitest";
import { marked, numbered } from "./pinyin.ts";

it.each([
  ["chong2", "chóng"],
  ["lv4", "lǜ"],
  ["nve4", "nüè"],
  ["jiu3", "jiǔ"],
  ["gui4", "guì"],
  ["guo2", "guó"],
  ["hao3", "hǎo"],
  ["lou2", "lóu"],
  ["xiong1", "xiōng"],
  ["huar1", "huār"],
  ["er2", "ér"],
  ["de5", "de"],
])("writes %s as %s, and reads it back", (plain, shown) => {
  expect(marked(plain)).toBe(shown);
  if (!plain.endsWith("5")) expect(numbered(shown)).toBe(plain);
});

it("takes digits and marks, several syllables, and refuses what has no tone", () => {
  expect(numbered(" Chong2 qìng ")).toBe("chong2 qing4");
  expect(numbered("nǚ")).toBe("nv3");
  expect(numbered("lu:4")).toBe("lv4");
  for (const bad of ["", "hang", "háng xing", "行", "hang9", "2"]) expect(numbered(bad), bad).toBeUndefined();
});
