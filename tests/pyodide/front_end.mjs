// `node front_end.mjs ENGINE_ZIP NUMPY_WHEEL PROBE_PY READER_FOLDER SENTENCES`: the front end in Pyodide, the reader model in
// onnxruntime-web, under Node. Prints one JSON object of milliseconds and bytes.
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import { loadPyodide } from "pyodide";

const [engine, numpy, probe, reader, sentences] = process.argv.slice(2);
const ROUNDS = 60;
// What is compiled meanwhile is done by then
const WARM_ROUNDS = 5;
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const sessions = [];
let inModel = 0;
const host = {
  async createSession(_name, bytes) {
    return sessions.push(await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] })) - 1;
  },
  async run(handle, feeds) {
    const tensors = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(type, data, dims),
    ]);
    const began = performance.now();
    const results = Object.entries(await sessions[handle].run(Object.fromEntries(tensors)));
    inModel += performance.now() - began;
    return Object.fromEntries(results.map(([name, { type, data, dims }]) => [name, { type, data, dims: [...dims] }]));
  },
  release(handle) {
    sessions[handle].release();
  },
};

const pyodide = await loadPyodide();
pyodide.unpackArchive(new Uint8Array(await readFile(numpy)), "wheel");
pyodide.unpackArchive(new Uint8Array(await readFile(engine)), "zip");
pyodide.registerJsModule("qingsheng_host", host);
pyodide.FS.writeFile("/home/pyodide/front_end_probe.py", await readFile(probe));
pyodide.runPython("import sys; sys.path.insert(0, '/home/pyodide')");
const python = pyodide.pyimport("front_end_probe");

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Wall-clock median of a call, and processor time per call: the second is what it costs when others keep it waiting. */
async function timed(call) {
  const times = [];
  for (let round = 0; round < 10; round += 1) await call();
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(before);
  return { median_ms: median(times), least_ms: Math.min(...times), processor_ms: (user + system) / 1000 / ROUNDS };
}

/** Each sentence read once, for the first time: no memory of its words helps. Beside it a fixed loop of Python. */
async function fresh(texts, call) {
  const [times, outside, loops] = [[], [], []];
  const before = process.cpuUsage();
  for (const text of texts) {
    inModel = 0;
    const began = performance.now();
    await call(text);
    times.push(performance.now() - began);
    outside.push(times.at(-1) - inModel);
    if (times.length % 4 === 0) loops.push(python.yardstick());
  }
  const { user, system } = process.cpuUsage(before);
  const processor = (user + system) / 1000 / texts.length;
  return {
    sentences: texts.length,
    median_ms: median(times),
    least_ms: Math.min(...times),
    processor_ms: processor,
    outside_session_ms: median(outside),
    yardstick_ms: median(loops),
    in_yardsticks: median(times) / median(loops),
    outside_session_in_yardsticks: median(outside) / median(loops),
  };
}

/** One call, the first of its kind. */
async function once(call) {
  const [before, began] = [process.cpuUsage(), performance.now()];
  await call();
  const took = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  return { ms: took, processor_ms: (user + system) / 1000 };
}

const report = { import: await once(() => python.bring()), lexicon: await once(() => python.tables()) };
report.first_text = await once(() => python.rules());
report.rules = await timed(() => python.rules());
const json = await readFile(`${reader}/reader.json`, "utf8");
const bytes = new Uint8Array(await readFile(`${reader}/reader.onnx`));
report.model_load = await once(() => python.load(json, bytes));
inModel = 0;
report.with_model = await timed(() => python.with_model());
report.with_model.in_session_ms = inModel / (ROUNDS + 10);
const texts = (await readFile(sentences, "utf8")).trim().split("\n");
report.fresh_sentences = await fresh(texts, (text) => python.with_model(text));
for (let round = 0; round < WARM_ROUNDS; round += 1) for (const text of texts) await python.with_model(text);
python.forget();
report.sentences_once_warm = await fresh(texts, (text) => python.with_model(text));
report.parts_ms = JSON.parse(await python.parts(ROUNDS));
report.long_text = JSON.parse(await python.long_text());
report.heap_bytes = JSON.parse(await python.heap());
console.log(JSON.stringify(report));
