import { expect, it } from "vitest";
import { SAMPLE_RATE } from "../audio/messages.ts";
import type { Build } from "../files/build.ts";
import { listVoices, packFiles, packOf, parseCatalog } from "./catalog.ts";

const CATALOG = parseCatalog(
  JSON.stringify({
    format: 1,
    default: "a",
    voices: ["a", "b"].map((id) => ({
      id,
      name: id.toUpperCase(),
      language: "zh-CN",
      manifest: { path: `${id}/voice.json` },
      files: [{ path: `${id}/vocoder.onnx` }],
    })),
  }),
);

const BUILD: Build = {
  version: "1",
  files: ["a/voice.json", "a/vocoder.onnx", "a/MODEL_CARD.md"].map((path) => ({
    path: `models/${path}`,
    bytes: 1,
    sha256: "0".repeat(64),
    group: "voice:a",
  })),
};

it("finds the pack of a voice and says which there are when there is none", () => {
  expect(packOf(CATALOG, "b/speaker")).toBe("b");
  expect(() => packOf(CATALOG, "c")).toThrowError(/"c"; there are a, b/);
});

it("takes the files that the pack names, and misses those that the build lacks", () => {
  const { folder, manifest, models } = packFiles(BUILD, CATALOG, "a");
  expect([folder, manifest.path, models.map(({ path }) => path)]).toEqual([
    "models/a/",
    "models/a/voice.json",
    ["models/a/vocoder.onnx"],
  ]);
  expect(() => packFiles(BUILD, CATALOG, "b")).toThrowError(/does not list models\/b\/voice\.json/);
});

it("refuses another format", () => {
  expect(() => parseCatalog('{"format": 2, "voices": []}')).toThrowError(/format 2, expected 1/);
});

const CC = { license: "CC0-1.0", attribution: "Bee" };

it("lists loaded speakers first, then what could be fetched", () => {
  const controls = ["speed"] as const;
  const bee = {
    id: "b",
    name: "B",
    speaker: "Bee",
    language: "zh-CN",
    sample_rate: 22_050,
    controls,
    default: true,
    ...CC,
  };
  const [first, second] = listVoices(CATALOG, [bee]);
  const told = [first, second].map((voice) => [voice?.id, voice?.loaded, voice?.sampleRate, voice?.controls]);
  expect([first?.license, first?.attribution, second?.attribution]).toEqual(["CC0-1.0", "Bee", ""]);
  expect(told).toEqual([
    ["b", true, 22_050, ["speed"]],
    ["a", false, SAMPLE_RATE, ["speed", "pitch"]],
  ]);
});

it("goes on listing the speakers of a pack that was released", () => {
  const info = (id: string, speaker: string) => {
    return { id, name: "B", speaker, language: "zh-CN", sample_rate: 16_000, controls: [], default: false, ...CC };
  };
  const told = listVoices(CATALOG, [info("a", "Ay")], [info("b", "Bee"), info("b/two", "Two"), info("a", "Ay")]);
  expect(told.map(({ id, speaker, loaded }) => [id, speaker, loaded])).toEqual([
    ["a", "Ay", true],
    ["b", "Bee", false],
    ["b/two", "Two", false],
  ]);
});
