import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
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
  const shown = [...html.matchAll(/data-text="([\w.]+)"[^>]*>([^<]*)</g)];
  const named = [...html.matchAll(/data-(?:text|label|hint)="([\w.]+)"/g)];
  expect(shown.length).toBeGreaterThan(20);
  expect(named.map(([, key]) => key).filter((key) => !Object.hasOwn(zh, key ?? ""))).toEqual([]);
  for (const [, key, text] of shown) expect(text?.trim(), key).toBe(zh[key as keyof typeof zh]);
});
