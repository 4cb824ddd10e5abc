/** Python's extension modules, compiled before Python asks for them and from addresses of their own (`files/wasm.ts`). */
import type { PyodideInterface } from "pyodide";

/** Compiled modules by path, relative to the folder of Python's packages. */
export type Extensions = ReadonlyMap<string, WebAssembly.Module>;

/** Where the build puts an extension module: what follows the wheel's folder is its path among the packages. */
const EXTENSION = /^wheels\/[^/]+\/(.+\.so)\.wasm$/;

/** Undefined for whatever is no extension module. */
export function extensionPath(path: string): string | undefined {
  return EXTENSION.exec(path)?.[1];
}

/**
 * Python finds an empty file where a module should be. Only Emscripten's linker reads it, which takes a compiled module
 * in place of bytes.
 */
export function linkExtensions(files: PyodideInterface["FS"], folder: string, extensions: Extensions): void {
  const modules = new Map([...extensions].map(([path, module]) => [`${folder}/${path}`, module]));
  for (const path of modules.keys()) files.writeFile(path, new Uint8Array());
  const readFile: (path: string, options?: object) => unknown = files.readFile;
  files.readFile = (path: string, options?: object) => modules.get(path) ?? readFile(path, options);
}
