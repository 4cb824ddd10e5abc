// `node probe.mjs PROBE_PY WHEEL...`: the wheels in Pyodide, then the probe. Prints the probe's JSON.
import { readFile } from "node:fs/promises";
import { loadPyodide } from "pyodide";
import { install } from "./wheels.mjs";

const [probe, ...wheels] = process.argv.slice(2);
const pyodide = await loadPyodide();
for (const wheel of wheels) await install(pyodide, wheel);
pyodide.FS.writeFile("/home/pyodide/probe.py", await readFile(probe));
pyodide.runPython("import sys; sys.path.insert(0, '/home/pyodide')");
console.log(pyodide.pyimport("probe").report());
