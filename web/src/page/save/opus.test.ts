import { expect, it } from "vitest";
import { silenceBehind } from "./opus.ts";

it("fills the last packet, and one more where the encoder's delay would not fit", () => {
  expect(silenceBehind(480, 24_000)).toBe(480);
  expect(silenceBehind(1000, 24_000)).toBe(440);
  expect(silenceBehind(900, 24_000)).toBe(540);
  expect((90_955 + silenceBehind(90_955, 24_000)) % 480).toBe(0);
});
