// A wheel of the built site in Python's file system, with the extension modules that lie beside it under addresses of their own.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const SITE_PACKAGES = "/lib/python3.14/site-packages";
const MODULE = ".so.wasm";

export async function install(pyodide, wheel) {
  pyodide.unpackArchive(new Uint8Array(await readFile(wheel)), "wheel", { extractDir: SITE_PACKAGES });
  const folder = dirname(wheel);
  for (const path of await readdir(folder, { recursive: true })) {
    if (!path.endsWith(MODULE)) continue;
    const place = `${SITE_PACKAGES}/${path.slice(0, -".wasm".length)}`;
    pyodide.FS.writeFile(place, new Uint8Array(await readFile(join(folder, path))));
  }
}
