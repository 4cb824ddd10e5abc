import { expect, it } from "vitest";
import { resample } from "./resample.ts";

function tone(hertz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, n) =>
    Math.sin((2 * Math.PI * hertz * n) / rate),
  );
}

it.each([
  [22_050, 16_000],
  [16_000, 22_050],
  [24_000, 16_000],
])("keeps a tone from %i to %i Hz, and its length", (from, to) => {
  const made = resample(tone(1000, from, 0.2), from, to);
  const expected = tone(1000, to, 0.2);
  expect(made.length).toBe(expected.length);
  const middle = (samples: Float32Array) => samples.subarray(200, samples.length - 200);
  const worst = middle(made).reduce(
    (most, value, n) => Math.max(most, Math.abs(value - (middle(expected)[n] ?? 0))),
    0,
  );
  expect(worst).toBeLessThan(0.01);
});

it("takes away what the lower rate cannot hold", () => {
  const made = resample(tone(10_000, 24_000, 0.2), 24_000, 16_000);
  expect(made.subarray(200, -200).reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThan(0.02);
});

it("copies at the same rate", () => {
  const samples = tone(1000, 16_000, 0.01);
  const made = resample(samples, 16_000, 16_000);
  expect(made).toEqual(samples);
  expect(made.buffer).not.toBe(samples.buffer);
});
