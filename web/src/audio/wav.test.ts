import { describe, expect, it } from "vitest";
import { encodeWav } from "./wav.ts";

const sound = (...samples: number[]) => ({ samples: Float32Array.from(samples), sampleRate: 16_000 });

describe("encodeWav", () => {
  it("writes a mono 16-bit header and the samples of all chunks", () => {
    const bytes = encodeWav([sound(0, 0.5), sound(-0.5)]);
    const view = new DataView(bytes.buffer);
    const ascii = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
    expect([ascii(0), ascii(8), ascii(12), ascii(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
    expect(view.getUint32(4, true)).toBe(bytes.byteLength - 8);
    expect(view.getUint16(22, true)).toBe(1);
    expect(view.getUint32(24, true)).toBe(16_000);
    expect(view.getUint32(28, true)).toBe(32_000);
    expect(view.getUint32(40, true)).toBe(6);
    expect([44, 46, 48].map((at) => view.getInt16(at, true))).toEqual([0, 16_384, -16_383]);
  });

  it("limits what is beyond full scale instead of wrapping it", () => {
    const view = new DataView(encodeWav([sound(2, -2)]).buffer);
    expect([view.getInt16(44, true), view.getInt16(46, true)]).toEqual([32_767, -32_767]);
  });

  it("makes an empty file of nothing and refuses mixed sample rates", () => {
    expect(encodeWav([]).byteLength).toBe(44);
    expect(() => encodeWav([sound(0), { samples: new Float32Array(1), sampleRate: 8000 }])).toThrowError(/8000/);
  });
});
