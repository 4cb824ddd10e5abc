/**
 * What a user would run otherwise, in the same page and the same onnxruntime-web: mespeak with its Mandarin voice (formant
 * synthesis, the floor of size and speed), networks with random weights of the size of public voices, and the rate of a large
 * matrix product, which nothing can beat. The engine's own figures are taken in turn with theirs.
 */
import { readFile } from "node:fs/promises";

const ROOT = new URL("../../", import.meta.url);
const ORT = "node_modules/onnxruntime-web/dist/";
/** Frames of 256 samples at 22,050 Hz in a second, and the rows of the product. */
const FRAMES = 86;
const PRODUCT = 768;

/** CommonJS in a page: three files that require each other. */
async function mespeakScript() {
  const read = (name) => readFile(new URL(`node_modules/mespeak/${name}`, ROOT), "utf8");
  const [engine, index, config, voice] = await Promise.all(
    ["src/ESpeak.js", "src/index.js", "src/mespeak_config.json", "voices/zh.json"].map(read),
  );
  const module = (source, requires) => `((module, exports, require) => { ${source}\n; return module.exports; })
    (...((module) => [module, module.exports, ${requires}])({ exports: {} }))`;
  return `globalThis.mespeak = ${module(index, `() => ${module(engine, "() => ({})")}`)};
    mespeak.loadConfig(${config}); mespeak.loadVoice(${voice});`;
}

async function serveFiles(context, networks) {
  await context.route("**/bench-files/**", async (route) => {
    const name = new URL(route.request().url()).pathname.split("/bench-files/")[1];
    const path = name.endsWith(".onnx") ? `${networks}/${name}` : new URL(ORT + name, ROOT);
    const contentType = name.endsWith("js") ? "text/javascript" : "application/wasm";
    const headers = { "cross-origin-resource-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
    await route.fulfill({ body: await readFile(path), contentType, headers });
  });
}

/** Seconds of work for a second of sound, in `rounds` turns of all. */
export async function rivals(browser, url, networks, text, rounds) {
  const context = await browser.newContext({ serviceWorkers: "block", bypassCSP: true });
  await serveFiles(context, networks);
  try {
    const page = await context.newPage();
    await page.goto(`${url}healthz`);
    await page.addScriptTag({ content: await mespeakScript() });
    return await page.evaluate(measure, { text, rounds, frames: FRAMES, rows: PRODUCT });
  } finally {
    await context.close();
  }
}

async function measure({ text, rounds, frames, rows }) {
  const { Qingsheng } = await import(new URL("qingsheng.js", document.baseURI).href);
  const files = new URL("bench-files/", document.baseURI).href;
  const ort = await import(`${files}ort.wasm.min.mjs`);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = files;
  const tts = await Qingsheng.load({ threads: 1 });
  const session = async (name) => ort.InferenceSession.create(`${files}${name}.onnx`, { executionProviders: ["wasm"] });
  const networks = {
    piper: await session("piper"),
    matcha: await session("matcha"),
    product: await session("product"),
  };
  const inputs = {
    piper: [192 * frames, [1, 192, frames]],
    matcha: [80 * frames, [1, 80, frames]],
    product: [rows * rows, [1, rows, rows]],
  };
  const timed = async (work) => {
    const began = performance.now();
    const sound = await work();
    return (performance.now() - began) / 1000 / sound;
  };
  const run = (name) => async () => {
    const [size, shape] = inputs[name];
    const outputs = await networks[name].run({ x: new ort.Tensor("float32", new Float32Array(size).fill(0.1), shape) });
    for (const output of Object.values(outputs)) output.dispose();
    return 1;
  };
  const turns = {
    qingsheng: async () => {
      let sound = 0;
      for await (const { samples, sampleRate } of tts.stream(text)) sound += samples.length / sampleRate;
      return sound;
    },
    mespeak: async () => {
      const bytes = globalThis.mespeak.speak(text, { voice: "zh", rawdata: "array" });
      const wav = new DataView(Uint8Array.from(bytes).buffer);
      return (wav.byteLength - 44) / wav.getUint32(28, true);
    },
    piper: run("piper"),
    matcha: run("matcha"),
    product: run("product"),
  };
  const taken = Object.fromEntries(Object.keys(turns).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, work] of Object.entries(turns)) {
      const seconds = await timed(work);
      // The first round warms.
      if (round >= 0) taken[name].push(seconds);
    }
  }
  await tts.dispose();
  return taken;
}
