import { expect, it } from "vitest";
import { packetSeconds, silenceBehind } from "./opus.ts";

it("fills the last packet, and one more where the encoder's delay would not fit", () => {
  expect(silenceBehind(480, 24_000)).toBe(480);
  expect(silenceBehind(1000, 24_000)).toBe(440);
  expect(silenceBehind(900, 24_000)).toBe(540);
  expect((90_955 + silenceBehind(90_955, 24_000)) % 480).toBe(0);
});

it("knows how long a packet sounds", () => {
  // The table of RFC 6716, 3.1: SILK, hybrid, CELT; then one frame, two, as many as the second byte says.
  const seconds = (config: number, frames: number, count = 0) =>
    packetSeconds(Uint8Array.of((config << 3) | frames, count));
  expect([0, 1, 2, 3, 9].map((config) => seconds(config, 0))).toEqual([0.01, 0.02, 0.04, 0.06, 0.02]);
  expect([12, 13, 14, 15].map((config) => seconds(config, 0))).toEqual([0.01, 0.02, 0.01, 0.02]);
  expect([16, 17, 30, 31].map((config) => seconds(config, 0))).toEqual([0.0025, 0.005, 0.01, 0.02]);
  expect([0, 1, 2, 3].map((frames) => seconds(31, frames, 0xc3))).toEqual([0.02, 0.04, 0.04, 0.06]);
});
