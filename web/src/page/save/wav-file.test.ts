import { expect, it } from "vitest";
import { encodeWav } from "../../audio/wav.ts";
import { WavFile } from "./wav-file.ts";

const sounds = Array.from({ length: 50 }, (_, at) => ({
  samples: Float32Array.from({ length: 100 }, (_, sample) => Math.sin(at * 100 + sample)),
  sampleRate: 24_000,
}));

it("is the same file as one that is made at once, with no more in memory than is folded together", async () => {
  const file = new WavFile(1000);
  let held = 0;
  for (const sound of sounds) {
    file.add(sound);
    held = Math.max(held, file.held);
  }
  expect(held).toBeLessThan(1000);
  expect(file.seconds).toBeCloseTo(5000 / 24_000);
  const blob = file.finish("Voice a, MIT");
  expect(blob.type).toBe("audio/wav");
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(encodeWav(sounds, "Voice a, MIT"));
});

it("ends where the format does, with a word about it", () => {
  const file = new WavFile(1000, 1050);
  const [sound] = sounds;
  if (!sound) throw new Error("no sound");
  for (let at = 0; at < 5; at++) file.add(sound);
  expect(() => file.add(sound)).toThrow(expect.objectContaining({ code: "text.too_long" }));
});
