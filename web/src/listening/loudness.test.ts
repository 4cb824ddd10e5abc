import { describe, expect, it } from "vitest";
import { loudness, matchingGains } from "./loudness.ts";

function sine(hertz: number, sampleRate: number, seconds: number, amplitude = 1): Float32Array {
  return Float32Array.from(
    { length: sampleRate * seconds },
    (_, at) => amplitude * Math.sin((2 * Math.PI * hertz * at) / sampleRate),
  );
}

describe("loudness", () => {
  it.each([48_000, 44_100, 24_000, 16_000])("of a full-scale 997 Hz sine is -3.01 LKFS at %i Hz", (sampleRate) => {
    expect(loudness(sine(997, sampleRate, 2), sampleRate)).toBeCloseTo(-3.01, 1);
  });

  it("falls by 20 dB with a tenth of the amplitude", () => {
    const [loud, soft] = [sine(997, 16_000, 2), sine(997, 16_000, 2, 0.1)];
    expect((loudness(loud, 16_000) ?? 0) - (loudness(soft, 16_000) ?? 0)).toBeCloseTo(20, 3);
  });

  it("weighs low tones less", () => {
    expect(loudness(sine(40, 16_000, 2), 16_000)).toBeLessThan(-6);
  });

  it("does not count pauses", () => {
    const spoken = sine(997, 16_000, 2, 0.5);
    const padded = new Float32Array(5 * spoken.length);
    padded.set(spoken);
    expect(loudness(padded, 16_000)).toBeCloseTo(loudness(spoken, 16_000) ?? 0, 0);
  });

  it("of silence is nothing, of a short sound that of the whole", () => {
    expect(loudness(new Float32Array(16_000), 16_000)).toBeUndefined();
    expect(loudness(sine(997, 16_000, 0.2), 16_000)).toBeCloseTo(-3.01, 0);
  });
});

describe("matchingGains", () => {
  it("lowers the louder", () => {
    expect(matchingGains([-20, -26])).toEqual([10 ** (-6 / 20), 1]);
    expect(matchingGains([undefined, -26])).toEqual([1, 1]);
  });
});
