import { expect, it } from "vitest";
import { voiceOf } from "./voice-choice.ts";

const voices = [
  { voiceURI: "other", name: "", lang: "zh-CN", localService: true, default: false },
  { voiceURI: "usual", name: "", lang: "zh-CN", localService: true, default: true },
  { voiceURI: "german", name: "", lang: "de", localService: true, default: false },
];
const chosen = (tag: string) => voiceOf(tag, voices)?.voiceURI;

it.each(["zh", "zh-CN", "ZH-cn", "zh_TW", "zh-Hans-SG", "cmn", "cmn-Hans-CN", "zh-cmn", " zh-HK "])(
  "speaks %s with the default voice",
  (tag) => expect(chosen(tag)).toBe("usual"),
);

it.each(["en-US", "yue", "zh-yue-HK", "zh-nan", "ja", "zhx", "-", "Chinese"])("has no voice for %s", (tag) =>
  expect(chosen(tag)).toBeUndefined(),
);

it("takes a voice of the language where the default one does not speak it", () => {
  expect(chosen("de-AT")).toBe("german");
  expect(voiceOf("zh", voices.slice(0, 1))?.voiceURI).toBe("other");
});
