// `node tensors.mjs ENGINE_ZIP NUMPY_WHEEL PROBE_PY`: what crosses between Python and the host. Prints the probe's JSON.
import { readFile } from "node:fs/promises";
import { loadPyodide } from "pyodide";
import { install } from "./wheels.mjs";

const [engine, numpy, probe] = process.argv.slice(2);
const seen = [];
const host = {
  async createSession() {
    return 1;
  },
  /** Gives back what it got, as typed arrays of its own; a model input named `wanted` says which type to claim. */
  async run(_handle, feeds) {
    const described = Object.entries(feeds).map(([name, { type, dims, data }]) => {
      seen.push([name, type, Array.isArray(dims), dims, data.constructor.name, data.length]);
      return [name, { type: name === "wanted" ? "float64" : type, dims: [...dims], data: data.slice() }];
    });
    return Object.fromEntries(described);
  },
  release() {},
};

const pyodide = await loadPyodide();
await install(pyodide, numpy);
pyodide.unpackArchive(new Uint8Array(await readFile(engine)), "zip");
pyodide.registerJsModule("qingsheng_host", host);
pyodide.FS.writeFile("/home/pyodide/tensors_probe.py", await readFile(probe));
pyodide.runPython("import sys; sys.path.insert(0, '/home/pyodide')");
const python = JSON.parse(await pyodide.pyimport("tensors_probe").report());
console.log(JSON.stringify({ seen, ...python }));
