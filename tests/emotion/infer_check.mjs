// The emotion model in Pyodide with onnxruntime-web, under Node: `node infer_check.mjs ROOT NUMPY_WHEEL`.
// Prints one JSON object, which test_bridge.py judges; its `milliseconds` are what a sentence takes that was never seen.
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import { loadPyodide } from "pyodide";

const [root, numpyWheel] = process.argv.slice(2);
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const sessions = [];
const host = {
  runs: 0,
  async createSession(_name, bytes) {
    return sessions.push(await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] }));
  },
  async run(handle, feeds) {
    host.runs += 1;
    const tensors = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(type, data, dims),
    ]);
    const results = Object.entries(await sessions[handle - 1].run(Object.fromEntries(tensors)));
    return Object.fromEntries(results.map(([name, { type, data, dims }]) => [name, { type, data, dims: [...dims] }]));
  },
  release(handle) {
    sessions[handle - 1].release();
  },
};

const pyodide = await loadPyodide();
pyodide.unpackArchive(new Uint8Array(await readFile(numpyWheel)), "wheel");
pyodide.FS.mkdir("/engine");
pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, "/engine");
pyodide.runPython("import sys; sys.path.insert(0, '/engine'); sys.dont_write_bytecode = True");
pyodide.registerJsModule("qingsheng_host", host);
const bridge = pyodide.pyimport("py_engine.runtime.bridge");
bridge.boot();

const manifest = await readFile(`${root}/models/emotion/emotion.json`, "utf8");
const model = new Uint8Array(await readFile(`${root}/models/emotion/emotion.onnx`));
const report = {
  early: await bridge.infer("你好。", "{}"),
  unknown: await bridge.load_model("moods", manifest, model),
  notJson: await bridge.load_model("emotion", "{", model),
  short: await bridge.load_model("emotion", manifest, model.slice(1)),
  loaded: (await bridge.load_model("emotion", manifest, model)) ?? "undefined",
};
const infer = async (text, options = {}) => {
  const result = await bridge.infer(text, JSON.stringify(options));
  return typeof result === "string" ? JSON.parse(result) : result;
};
report.text = "😀太好了！今天星期三。她说：“你怎么能这样！”";
report.inferred = await infer(report.text);
report.runs = host.runs;
report.again = JSON.stringify(await infer(report.text)) === JSON.stringify(report.inferred);
report.runsAgain = host.runs;
report.empty = await infer("");
report.option = await infer("好", { emotion: "happy" });

// Every sentence is new to the cache; reading the text is measured too, as in a call of infer().
const subjects = ["我们", "他们", "老师", "邻居家的孩子", "火车上的旅客", "住在河边的姑娘"];
const ends = ["今天终于等到了这个好消息。", "怎么也没想到会是这样的结果！", "在车站等了整整一个下午，谁也没有来。"];
// Processor time too: it does not grow with what else the machine does.
const times = [];
const processor = [];
for (let round = 0; round < 4; round += 1) {
  for (const subject of subjects) {
    for (const end of ends) {
      const text = `${subject}${"真的".repeat(round)}${end}`;
      const began = performance.now();
      const before = process.cpuUsage();
      await infer(text);
      const { user, system } = process.cpuUsage(before);
      times.push(performance.now() - began);
      processor.push((user + system) / 1000);
    }
  }
}
const middle = (values) => values.slice(18).sort((a, b) => a - b)[Math.floor((values.length - 18) / 2)];
report.milliseconds = { sentences: times.length - 18, median: middle(times), processorMedian: middle(processor) };
console.log(JSON.stringify(report));
process.exit(0);
