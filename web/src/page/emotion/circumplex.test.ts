import { expect, it } from "vitest";
import { EMOTIONS } from "../../protocol.ts";
import { mixtureAt, PLACES, placeOf } from "./circumplex.ts";

it("is one emotion alone in that emotion's place", () => {
  for (const name of EMOTIONS) {
    expect(mixtureAt(PLACES[name])).toEqual({ [name]: 1 });
    expect(placeOf({ [name]: 1 })).toEqual(PLACES[name]);
  }
});

it("sums to one everywhere, leaves out what is not heard, and is led by the nearest", () => {
  for (let valence = -1; valence <= 1; valence += 0.25) {
    for (let arousal = -1; arousal <= 1; arousal += 0.25) {
      const mixture = mixtureAt({ valence, arousal });
      const weights = Object.values(mixture);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 1);
      expect(Math.min(...weights)).toBeGreaterThan(0.02);
    }
  }
  const glad = mixtureAt({ valence: 0.9, arousal: 0.4 });
  expect(glad.joy).toBeGreaterThan(0.7);
  expect(mixtureAt({ valence: -0.9, arousal: -0.5 }).sadness).toBeGreaterThan(0.5);
});

it("changes without a jump", () => {
  let before = mixtureAt({ valence: -1, arousal: 0.3 });
  for (let valence = -1; valence <= 1; valence += 0.01) {
    const now = mixtureAt({ valence, arousal: 0.3 });
    for (const name of EMOTIONS) expect(Math.abs((now[name] ?? 0) - (before[name] ?? 0))).toBeLessThan(0.06);
    before = now;
  }
});
