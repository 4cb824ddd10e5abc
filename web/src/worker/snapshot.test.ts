import type { PyodideInterface } from "pyodide";
import { expect, it } from "vitest";
import type { Build } from "../files/build.ts";
import { type Bytes, sha256 } from "../files/digest.ts";
import type { KeptSnapshot, Snapshots } from "../files/store.ts";
import { LIBRARY, letGo, readSnapshot, snapshotName, takeSnapshot, withoutZeros } from "./snapshot.ts";

class MemorySnapshots implements Snapshots {
  readonly kept = new Map<string, KeptSnapshot>();
  async read(name: string) {
    return this.kept.get(name);
  }
  async write(name: string, snapshot: KeptSnapshot) {
    this.kept.set(name, snapshot);
  }
  async clear() {
    this.kept.clear();
  }
}

const build = (digest: string): Build => ({
  version: "1",
  files: [
    { path: "pyodide/1/pyodide.asm.wasm", bytes: 1, sha256: digest.repeat(64), group: "runtime" },
    { path: "wheels/1/numpy.whl", bytes: 1, sha256: "f".repeat(64), group: "runtime" },
  ],
});

it("comes back whole, and not at all once it is damaged", async () => {
  const snapshots = new MemorySnapshots();
  const bytes: Bytes = Uint8Array.of(1, 2, 3);
  await snapshots.write("a", { bytes, sha256: await sha256(bytes), length: 5 });
  expect(await readSnapshot(snapshots, "a")).toEqual(Uint8Array.of(1, 2, 3, 0, 0));
  expect(await readSnapshot(snapshots, "b")).toBeUndefined();
  await snapshots.write("a", { bytes: Uint8Array.of(1, 2, 4), sha256: await sha256(bytes), length: 5 });
  expect(await readSnapshot(snapshots, "a")).toBeUndefined();
  expect(snapshots.kept.size).toBe(0);
});

it("belongs to one Pyodide and one browser", async () => {
  const name = await snapshotName(build("a"), "Chromium 1");
  expect(await snapshotName(build("a"), "Chromium 1")).toBe(name);
  expect(await snapshotName(build("b"), "Chromium 1")).not.toBe(name);
  expect(await snapshotName(build("a"), "Chromium 2")).not.toBe(name);
});

it("is kept without the zeros behind it", () => {
  expect(withoutZeros(Uint8Array.of(0, 1, 0, 2, 0, 0))).toEqual(Uint8Array.of(0, 1, 0, 2));
  expect(withoutZeros(new Uint8Array(3)).byteLength).toBe(0);
});

/** What is asked of Pyodide, in order. */
function pyodide(makeSnapshot: unknown) {
  const imported: string[] = [];
  const config: { _makeSnapshot?: boolean; _loadSnapshot?: Bytes } = { _loadSnapshot: new Uint8Array(8) };
  const interface_ = {
    pyimport: (name: string) => {
      imported.push(name);
      return { destroy: () => undefined };
    },
    _api: { config, makeSnapshot },
  };
  return { imported, config, pyodide: interface_ as unknown as PyodideInterface };
}

it("is taken with the library that the engine imports, and leaves Pyodide as it was", () => {
  const seen: (boolean | undefined)[] = [];
  const one = pyodide(() => {
    seen.push(one.config._makeSnapshot);
    return Uint8Array.of(7);
  });
  expect(takeSnapshot(one.pyodide)).toEqual(Uint8Array.of(7));
  expect(one.imported).toEqual([...LIBRARY]);
  expect([seen, one.config._makeSnapshot]).toEqual([[true], false]);
});

it("is not taken where Pyodide refuses, or has another interface", () => {
  const refusing = pyodide((serializer: () => void) => serializer());
  expect(takeSnapshot(refusing.pyodide)).toBeUndefined();
  expect(refusing.config._makeSnapshot).toBe(false);
  expect(takeSnapshot(pyodide(undefined).pyodide)).toBeUndefined();
  expect(takeSnapshot({} as PyodideInterface)).toBeUndefined();
});

it("is let go of once Python has it", () => {
  const one = pyodide(undefined);
  letGo(one.pyodide);
  expect(one.config._loadSnapshot).toBeUndefined();
});
