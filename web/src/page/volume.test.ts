import { expect, it } from "vitest";
import { amplitude, parseLoudness } from "./volume.ts";

it("is a quarter of the amplitude in the middle, and nothing when silenced", () => {
  expect(amplitude({ level: 0.5, muted: false })).toBe(0.25);
  expect(amplitude({ level: 1, muted: false })).toBe(1);
  expect(amplitude({ level: 1, muted: true })).toBe(0);
});

it("takes no loudness out of range from storage", () => {
  expect(parseLoudness({ level: 0.3, muted: true })).toEqual({ level: 0.3, muted: true });
  for (const bad of [null, 3, "loud", { level: 7 }, { level: Number.NaN }, { muted: "yes" }]) {
    expect(parseLoudness(bad)).toEqual({ level: 1, muted: false });
  }
});
