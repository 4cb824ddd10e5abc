import { describe, expect, it } from "vitest";
import { creditOf } from "./credit.ts";
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

  it("ends with whose voice it is, in UTF-8 and an even number of bytes", () => {
    const credit = creditOf({ id: "qingsheng/yue", license: "CC-BY-SA-4.0", attribution: "悦" });
    expect(credit).toBe("Voice qingsheng, CC-BY-SA-4.0; 悦");
    const bytes = encodeWav([sound(0, 0.5)], credit);
    const view = new DataView(bytes.buffer);
    const list = 44 + 4;
    const text = new TextDecoder().decode(bytes.subarray(list + 20));
    expect(new TextDecoder().decode(bytes.subarray(list, list + 4))).toBe("LIST");
    expect(new TextDecoder().decode(bytes.subarray(list + 8, list + 16))).toBe("INFOICOP");
    expect(text.replace(/\0+$/, "")).toBe(credit);
    expect(view.getUint32(list + 16, true)).toBe(new TextEncoder().encode(credit).length + 1);
    expect(view.getUint32(list + 4, true)).toBe(bytes.length - list - 8);
    expect(view.getUint32(4, true)).toBe(bytes.length - 8);
    expect(bytes.length % 2).toBe(0);
    expect(view.getUint32(40, true)).toBe(4);
  });

  it("says nothing of a voice that names no licence", () => {
    expect(creditOf({ id: "a", license: "", attribution: "b" })).toBe("");
    expect(creditOf({ id: "a", license: "MIT", attribution: "" })).toBe("Voice a, MIT");
    expect(encodeWav([sound(0)], "").byteLength).toBe(46);
  });

  it("makes an empty file of nothing and refuses mixed sample rates", () => {
    expect(encodeWav([]).byteLength).toBe(44);
    expect(() => encodeWav([sound(0), { samples: new Float32Array(1), sampleRate: 8000 }])).toThrowError(/8000/);
  });
});
