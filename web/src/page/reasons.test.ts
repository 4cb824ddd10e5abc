import { expect, it } from "vitest";
import type { ExplainedSyllable } from "../protocol.ts";
import { reasonText } from "./reasons.ts";

const said = (reason: string) => reasonText({ reason } as ExplainedSyllable);

it("says in words what the engine marks with signs", () => {
  expect(said("context 了解")).toBe("由上下文“了解”判断");
  expect(said("context 了$")).toBe("由句末的位置判断");
  expect(said("context ^还")).toBe("由句首的位置判断");
  expect(said("word 重庆")).toBe("词典里的词“重庆”");
  expect(said("word 红彤彤, by its characters")).toBe("词“红彤彤”，按各字读音");
  expect(said("suffix 儿")).toBe("后缀“儿”");
  expect(said("cardinal.year")).toBe("数字与符号的读法");
});
