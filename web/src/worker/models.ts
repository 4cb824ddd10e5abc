/**
 * Models of the front end (group `models` of the build): fetched once the engine is ready, loaded between two chunks. Speech
 * never waits for them; until they are there, and in builds without them, the engine works by its rules.
 */
import { QingshengError } from "../errors.ts";
import { type Build, type BuildFile, inGroup } from "../files/build.ts";
import type { Loader } from "../files/loader.ts";
import type { PythonEngine } from "./python.ts";
import type { JobQueue } from "./queue.ts";

export interface ModelFiles {
  readonly name: string;
  readonly manifest: BuildFile;
  readonly model: BuildFile;
}

/** `models/<name>/<digest>/<name>.json` and the model beside it. */
export function modelFiles(build: Build): ModelFiles[] {
  const files = inGroup(build, "models");
  const manifests = files.filter(({ path }) => path.endsWith(".json"));
  return manifests.map((manifest) => {
    const folder = manifest.path.slice(0, manifest.path.lastIndexOf("/") + 1);
    const name = manifest.path.slice(folder.length).replace(/\.json$/, "");
    const model = files.find(({ path }) => path.startsWith(folder) && path.endsWith(".onnx"));
    if (model) return { name, manifest, model };
    throw new QingshengError(
      "file.missing",
      `build.json lists no model beside ${manifest.path}.`,
      "Build the site again.",
    );
  });
}

/** Rejects if any of them fails; the others are loaded all the same. */
export async function loadModels(loader: Loader, engine: PythonEngine, queue: JobQueue): Promise<void> {
  const results = await Promise.allSettled(
    modelFiles(loader.build).map(async ({ name, manifest, model }) => {
      const [text, bytes] = await Promise.all([loader.text(manifest), loader.bytes(model)]);
      await queue.run(() => engine.loadModel(name, text, bytes));
    }),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
