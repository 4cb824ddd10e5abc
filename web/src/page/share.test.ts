import { deflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { fragmentOf, MAX_TEXT, parseFragment } from "./share.ts";

const shared = {
  text: "重庆的银行。𠮷",
  settings: { voice: "qingsheng", speed: 1.25, pitch: -2 },
  feeling: { emotion: { joy: 0.7, surprise: 0.3 }, intensity: 0.8 },
  words: { 银行: "yin2 xing2", 别的: "bie2 de5" },
} as const;

it("carries text, settings, feeling and the readings that the text needs", async () => {
  const fragment = await fragmentOf(shared);
  expect(fragment).toMatch(/^#z=[\w-]+$/);
  expect(await parseFragment(fragment ?? "")).toEqual({ ...shared, words: { 银行: "yin2 xing2" } });
});

it("refuses a text that no link should carry", async () => {
  expect(await fragmentOf({ ...shared, text: "字".repeat(MAX_TEXT + 1) })).toBeUndefined();
});

const packed = (value: unknown) => `#z=${deflateRawSync(JSON.stringify(value)).toString("base64url")}`;

it.each([
  ["nothing", ""],
  ["another fragment", "#text"],
  ["no base64", "#z=***"],
  ["no deflate", "#z=AAAA"],
  ["no JSON", `#s=${Buffer.from("好").toString("base64url")}`],
  ["another version", packed({ v: 2, t: "好" })],
  ["no text", packed({ v: 1, t: 5 })],
  ["a text over the bound", packed({ v: 1, t: "字".repeat(MAX_TEXT + 1) })],
  ["what unpacks into more than a link holds", packed({ v: 1, t: "好", w: "0".repeat(5_000_000) })],
])("takes %s for no link", async (_name, fragment) => {
  expect(await parseFragment(fragment)).toBeUndefined();
});

it("drops settings that are out of range or of another kind, and keeps the rest", async () => {
  const fragment = packed({
    v: 1,
    t: "好",
    s: { voice: 3, speed: 9, pitch: 2, evil: "x" },
    e: { emotion: { joy: 7, rage: 1 }, intensity: 99 },
    w: { 好: 5, 了: "le5" },
  });
  expect(await parseFragment(fragment)).toEqual({
    text: "好",
    settings: { pitch: 2 },
    feeling: { emotion: "auto", intensity: 1 },
    words: { 了: "le5" },
  });
});
