import { expect, it } from "vitest";
import { parseHistory, withEntry } from "./history.ts";

it("keeps the latest first, each text once, within its bounds", () => {
  let entries = withEntry([], "一", 1);
  entries = withEntry(entries, "二", 2);
  entries = withEntry(entries, " 一 ", 3);
  expect(entries).toEqual([
    { text: "一", at: 3 },
    { text: "二", at: 2 },
  ]);
  for (let at = 0; at < 100; at++) entries = withEntry(entries, `第${at}篇`, at);
  expect(entries.length).toBe(30);
  for (let at = 0; at < 30; at++) entries = withEntry(entries, `${at}${"字".repeat(19_000)}`, at);
  expect(entries.length).toBe(15);
  expect(withEntry(entries, "字".repeat(20_001), 9)).toEqual(entries);
  expect(withEntry([], "  ", 9)).toEqual([]);
});

it("takes from storage only what is an entry", () => {
  expect(parseHistory("x")).toEqual([]);
  expect(parseHistory([null, { text: 3, at: 1 }, { text: "好", at: "x" }, { text: "好", at: 5, more: 1 }])).toEqual([
    { text: "好", at: 5 },
  ]);
});
