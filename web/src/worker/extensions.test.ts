import { describe, expect, it } from "vitest";
import { extensionPath, linkExtensions } from "./extensions.ts";

const EMPTY_MODULE = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));

/** As much of Emscripten's file system as the linker uses. */
function memoryFiles() {
  const kept = new Map<string, Uint8Array>([["/site/numpy/version.pyc", new Uint8Array([1, 2])]]);
  return {
    writeFile: (path: string, bytes: Uint8Array) => void kept.set(path, bytes),
    readFile: (path: string, _options?: object): unknown => kept.get(path),
    kept,
  };
}

describe("extensionPath", () => {
  it("is the path among Python's packages", () => {
    expect(extensionPath("wheels/00112233/numpy/fft/_fft.cpython-314.so.wasm")).toBe("numpy/fft/_fft.cpython-314.so");
  });

  it("leaves other WebAssembly and wheels alone", () => {
    for (const path of ["pyodide/314/pyodide.asm.wasm", "assets/ort.wasm", "wheels/00112233/numpy-2.whl"]) {
      expect(extensionPath(path)).toBeUndefined();
    }
  });
});

describe("linkExtensions", () => {
  it("gives the linker the compiled module and Python an empty file", () => {
    const files = memoryFiles();
    linkExtensions(files, "/site", new Map([["numpy/fft/_fft.so", EMPTY_MODULE]]));
    expect(files.kept.get("/site/numpy/fft/_fft.so")).toEqual(new Uint8Array());
    expect(files.readFile("/site/numpy/fft/_fft.so", { encoding: "binary" })).toBe(EMPTY_MODULE);
  });

  it("leaves other files as they are", () => {
    const files = memoryFiles();
    linkExtensions(files, "/site", new Map([["numpy/fft/_fft.so", EMPTY_MODULE]]));
    expect(files.readFile("/site/numpy/version.pyc")).toEqual(new Uint8Array([1, 2]));
    expect(files.readFile("/site/nothing")).toBeUndefined();
  });
});
