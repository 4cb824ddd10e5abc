import { expect, it } from "vitest";
import type { Explanation } from "../protocol.ts";
import { Explainer } from "./explainer.ts";

const one = (text: string): Explanation => ({
  tokens: [{ text, start: 0, stop: text.length, rule: "hanzi", spoken: text }],
  words: [],
  notices: [],
});

it("explains the latest request first, one at a time, and keeps what it has", async () => {
  const asked: string[] = [];
  const explainer = new Explainer();
  const first = explainer.request("甲");
  const second = explainer.request("乙");
  let busy = 0;
  explainer.connect(async (text) => {
    busy += 1;
    expect(busy).toBe(1);
    asked.push(text);
    await Promise.resolve();
    busy -= 1;
    return one(text);
  });
  await Promise.all([first, second]);
  await explainer.request("甲");
  expect(asked).toEqual(["乙", "甲"]);
  explainer.use({ lexicon: { 甲: "jia3" } });
  await explainer.request("甲");
  expect(asked).toEqual(["乙", "甲", "甲"]);
});

it("takes a long paragraph in pieces and puts their spans together", async () => {
  const explainer = new Explainer();
  const text = "山高月小，水落石出。".repeat(40);
  const asked: string[] = [];
  explainer.connect(async (piece) => {
    asked.push(piece);
    return one(piece);
  });
  const explanation = await explainer.request(text);
  expect(asked.length).toBeGreaterThan(1);
  expect(explanation?.tokens.map(({ start, stop }) => text.slice(start, stop)).join("")).toBe(text);
});

it("gives nothing for what fails, and goes on", async () => {
  const explainer = new Explainer();
  explainer.connect(async (text) => {
    if (text === "坏") throw new Error("refused");
    return one(text);
  });
  expect(await explainer.request("坏")).toBeUndefined();
  expect((await explainer.request("好"))?.tokens.length).toBe(1);
});

it("gives up a long paragraph in its middle when it is told to forget", async () => {
  const explainer = new Explainer();
  const asked: string[] = [];
  explainer.connect(async (piece) => {
    asked.push(piece);
    if (asked.length === 2) explainer.cancel();
    return one(piece);
  });
  expect(await explainer.request("山高月小，水落石出。".repeat(400))).toBeUndefined();
  expect(asked.length).toBe(2);
  expect((await explainer.request("好"))?.tokens.length).toBe(1);
});
