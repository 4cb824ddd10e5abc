// `node scripts/bytecode.mjs SCRIPT LIBRARY NUMPY ENGINE OUT...`: runs bytecode.py in Pyodide on three archives and writes the
// three that it makes. The engine is imported first, so that what its imports load is known.
import { readFile, writeFile } from "node:fs/promises";
import { loadPyodide } from "pyodide";

const [script, ...paths] = process.argv.slice(2);
const archives = await Promise.all(paths.slice(0, 3).map(async (path) => new Uint8Array(await readFile(path))));
const pyodide = await loadPyodide();
pyodide.unpackArchive(archives[1], "wheel");
pyodide.unpackArchive(archives[2], "wheel");
pyodide.registerJsModule("qingsheng_host", {});
pyodide.runPython(`
import sys
import numpy.fft
import py_engine.runtime.bridge
from py_engine.text import analyse
analyse("你好，3.5 km。Hello!")
loaded = [name for name in sys.modules]
`);
pyodide.FS.writeFile("/home/pyodide/bytecode.py", await readFile(script, "utf8"));
for (const [at, archive] of archives.entries()) pyodide.FS.writeFile(`/tmp/${at}`, archive);
pyodide.runPython(`
from pathlib import Path
from bytecode import build
for at, archive in enumerate(build(*(Path(f"/tmp/{at}").read_bytes() for at in range(3)), loaded)):
    Path(f"/tmp/{at}").write_bytes(archive)
`);
for (const at of archives.keys()) await writeFile(paths[3 + at], pyodide.FS.readFile(`/tmp/${at}`));
process.exit(0);
