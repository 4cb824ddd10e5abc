// The bridge in Pyodide with onnxruntime-web, under Node: `node bridge_check.mjs ROOT NUMPY_WHEEL PACKS`; the folder
// PACKS holds the packs silent and matcha.
// Prints one JSON object, which test_bridge.py judges.
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import { loadPyodide } from "pyodide";

const [root, numpyWheel, packs] = process.argv.slice(2);
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const sessions = new Map();
const host = {
  runs: 0,
  async createSession(_name, bytes) {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("bytes is not a Uint8Array");
    sessions.set(sessions.size + 1, await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] }));
    return sessions.size;
  },
  relays: new Map(),
  forget(relay) {
    host.relays.delete(relay);
  },
  async run(handle, feeds, relay) {
    host.runs += 1;
    host.onRun?.();
    const tensors = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(type, data, dims),
    ]);
    const kept = host.relays.get(relay);
    const found = Object.entries(await sessions.get(handle).run({ ...Object.fromEntries(tensors), ...kept }));
    const next = found.filter(([name]) => name.startsWith("next_")).map(([name, tensor]) => [name.slice(5), tensor]);
    if (relay !== undefined) host.relays.set(relay, Object.fromEntries(next));
    const results = found.filter(([name]) => !name.startsWith("next_"));
    return Object.fromEntries(results.map(([name, { type, data, dims }]) => [name, { type, data, dims: [...dims] }]));
  },
  release(handle) {
    host.released = (host.released ?? 0) + 1;
    sessions.get(handle).release();
  },
};

const pyodide = await loadPyodide();
pyodide.unpackArchive(new Uint8Array(await readFile(numpyWheel)), "wheel");
pyodide.FS.mkdir("/engine");
pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, "/engine");
pyodide.runPython("import sys; sys.path.insert(0, '/engine'); sys.dont_write_bytecode = True");
pyodide.registerJsModule("qingsheng_host", host);
const bridge = pyodide.pyimport("py_engine.runtime.bridge");
const report = { early: bridge.voices(), boot: JSON.parse(bridge.boot()) };

async function readPack(id) {
  const manifest = await readFile(`${packs}/${id}/voice.json`, "utf8");
  const names = Object.values(JSON.parse(manifest).files).map(({ path }) => path);
  const read = async (name) => [name, new Uint8Array(await readFile(`${packs}/${id}/${name}`))];
  return { manifest, files: Object.fromEntries(await Promise.all(names.map(read))) };
}
const { manifest, files } = await readPack("silent");
report.missing = await bridge.load_voice(manifest, {});
report.broken = await bridge.load_voice("{", files);
report.loaded = JSON.parse(await bridge.load_voice(manifest, files));
report.voices = JSON.parse(bridge.voices());

async function speak(job, text, options, from = 0) {
  const chunks = [];
  report.started = bridge.start(job, text, JSON.stringify(options), from) ?? "undefined";
  for (;;) {
    const chunk = await bridge.next_chunk(job);
    if (chunk === undefined || chunk.error) return { chunks, end: chunk?.error ?? "undefined" };
    const { samples, meta } = chunk;
    if (!(samples instanceof Float32Array)) throw new TypeError("samples is not a Float32Array");
    // Transferable: a view into the wasm heap would be the whole heap.
    const own = samples.buffer.byteLength === samples.byteLength;
    chunks.push({
      own,
      length: samples.length,
      peak: samples.reduce((a, b) => Math.max(a, Math.abs(b)), 0),
      ...JSON.parse(meta),
    });
  }
}
report.speech = await speak(1, "😀今天天气真好。你好！", { voice: "silent/high" });
report.later = await speak(1, "😀今天天气真好。你好！", { voice: "silent/high" }, 9);
const matcha = await readPack("matcha");
report.matchaLoaded = JSON.parse(await bridge.load_voice(matcha.manifest, matcha.files));
report.matcha = await speak(1, "今天天气真好。你好！", { voice: "matcha", speed: 1.25, pitch: 2 });
bridge.release_voice("matcha");
host.released = 0;
report.setWord = bridge.set_word("WHO", "世界卫生组织") ?? "undefined";
report.badWord = bridge.set_word("好", "hao");
report.words = JSON.parse(bridge.words());
report.explained = JSON.parse(await bridge.explain("😀<speak>", '{"markup": "none"}'));
report.marked = await speak(8, '<speak>😀好<mark name="a"/>，<prosody rate="slow">WHO</prosody></speak>', {
  lexicon: { 好: "hao4" },
});
report.malformed = await speak(9, "<speak>好", {});
bridge.set_word("WHO", "");
report.wordsAfter = JSON.parse(bridge.words());
const style = (body) => `STYLE = {"id": "own", "name": "自己", "version": 2}
name = "自己"
def describe(): return "试试"
def apply(prosody, context):
    ${body}
    return prosody
`;
report.style = JSON.parse(bridge.load_style("{}", style("prosody.rate *= 2 if '再' not in context.text else 1 / 0")));
report.styled = await speak(10, "你好。再见。", { style: "own" });
report.styleFailed = JSON.parse(bridge.styles());
report.styleRefused = bridge.load_style("{}", "STYLE = 1");
report.styleRemoved = bridge.remove_style("own") ?? "undefined";
report.styles = JSON.parse(bridge.styles());
report.empty = await speak(2, "", {});
report.option = bridge.start(3, "你好。", '{"speed": 9}');
report.unknownOption = bridge.start(3, "你好。", '{"velocity": 1}');
report.unknownJob = (await bridge.next_chunk(99)) ?? "undefined";

bridge.start(4, "今天天气真好。你好！", "{}");
// While a model runs, as a click on "stop" would come.
host.onRun = () => bridge.cancel(4);
report.cancelled = await bridge.next_chunk(4);
host.onRun = undefined;
report.afterCancel = (await bridge.next_chunk(4)) ?? "undefined";
bridge.start(5, "今天天气真好。你好！", "{}");
await bridge.next_chunk(5);
bridge.cancel(5);
report.afterIdleCancel = (await bridge.next_chunk(5)) ?? "undefined";
bridge.cancel(5);

const [left, right] = await Promise.all([speak(6, "你好。再见。", {}), speak(7, "早上好。", {})]);
report.overlap = [left.chunks.length, right.chunks.length];
report.release = bridge.release_voice("silent") ?? "undefined";
report.releaseAgain = bridge.release_voice("silent");
report.released = host.released;
report.relays = host.relays.size;
report.runs = host.runs;
bridge.destroy();
console.log(JSON.stringify(report));
process.exit(0);
