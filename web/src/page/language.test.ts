import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { withWords } from "../../first-words.ts";
import { ERROR_CODES } from "../errors.ts";
import { BOOT_STAGES } from "../protocol.ts";
import { en } from "./texts/en.ts";
import { zh } from "./texts/zh.ts";

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

it("has every text in both languages, with the same values", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
    expect(en[key], key).not.toBe("");
    expect(zh[key], key).not.toBe("");
    expect(placeholders(en[key]), key).toEqual(placeholders(zh[key]));
  }
});

it("has an explanation and a remedy for every error, a name for every stage", () => {
  const wanted = [
    ...ERROR_CODES.flatMap((code) => [`error.${code}`, `remedy.${code}`]),
    ...BOOT_STAGES.map((stage) => `stage.${stage}`),
  ];
  expect(wanted.filter((key) => !Object.hasOwn(zh, key))).toEqual([]);
});

it("shows in the page's source what the Chinese table says", () => {
  const html = readFileSync("web/index.html", "utf8");
  const shown = [...html.matchAll(/data-(?:text|first)="([\w.]+)"[^>]*>([^<]*)</g)];
  const named = [...html.matchAll(/data-(?:text|first|label|hint)="([\w.]+)"/g)];
  expect(shown.length).toBeGreaterThan(20);
  expect(named.map(([, key]) => key).filter((key) => !Object.hasOwn(zh, key ?? ""))).toEqual([]);
  for (const [, key, text] of shown) expect(text?.trim(), key).toBe(zh[key as keyof typeof zh]);
});

it("puts the English words beside the Chinese ones, but no text that waits for a value", () => {
  const words = { a: 'Say "it" & <go>', b: "{count} words" };
  expect(withWords('<p data-text="a">一</p><i id="b" data-first="b">二</i>', words)).toBe(
    '<p data-text="a" data-en="Say &quot;it&quot; &amp; &lt;go>">一</p><i id="b" data-first="b">二</i>',
  );
  expect(() => withWords('<p data-text="none">一</p>', words)).toThrow("none");
});
