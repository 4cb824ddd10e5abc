import { describe, expect, it } from "vitest";
import type { Build, BuildFile } from "../files/build.ts";
import type { Loader } from "../files/loader.ts";
import { loadModels, modelFiles } from "./models.ts";
import type { PythonEngine } from "./python.ts";
import { JobQueue } from "./queue.ts";

const file = (path: string): BuildFile => ({ path, bytes: 1, sha256: "0".repeat(64), group: "models" });
const build: Build = {
  version: "1",
  files: [
    file("models/emotion/aa/MODEL_CARD.md"),
    file("models/emotion/aa/emotion.json"),
    file("models/emotion/aa/emotion.onnx"),
    file("models/reader/bb/reader.json"),
    file("models/reader/bb/reader.onnx"),
    { ...file("models/voice/cc/voice.json"), group: "voice:voice" },
  ],
};

function loading(broken: string) {
  const loaded: string[] = [];
  const loader = {
    build,
    text: async ({ path }: BuildFile) => path,
    bytes: async ({ path }: BuildFile) => {
      if (path.includes(broken)) throw new Error(path);
      return new Uint8Array();
    },
  } as unknown as Loader;
  const engine = { loadModel: async (name: string) => void loaded.push(name) } as unknown as PythonEngine;
  return { loaded, done: loadModels(loader, engine, new JobQueue()) };
}

describe("models of the front end", () => {
  it("are found with their manifests", () => {
    expect(modelFiles(build).map(({ name, model }) => [name, model.path])).toEqual([
      ["emotion", "models/emotion/aa/emotion.onnx"],
      ["reader", "models/reader/bb/reader.onnx"],
    ]);
  });

  it("are none in a build without", () => {
    expect(modelFiles({ version: "1", files: [] })).toEqual([]);
  });

  it("are all loaded", async () => {
    const { loaded, done } = loading("nothing");
    await done;
    expect(loaded.sort()).toEqual(["emotion", "reader"]);
  });

  it("do without one that cannot be fetched, and say so", async () => {
    const { loaded, done } = loading("reader.onnx");
    await expect(done).rejects.toThrow("reader.onnx");
    expect(loaded).toEqual(["emotion"]);
  });
});
