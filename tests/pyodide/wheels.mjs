// A wheel of the built site in Python's file system, with the extension modules that lie beside it under addresses of their own.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

const SITE_PACKAGES = "/lib/python3.14/site-packages";
const MODULE = ".so.wasm";

export async function install(pyodide, wheel) {
  pyodide.unpackArchive(new Uint8Array(await readFile(wheel)), "wheel", { extractDir: SITE_PACKAGES });
  const folder = dirname(wheel);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter(({ name }) => name.endsWith(MODULE))) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const place = `${SITE_PACKAGES}/${relative(folder, path).slice(0, -".wasm".length)}`;
    pyodide.FS.writeFile(place, new Uint8Array(await readFile(path)));
  }
}
