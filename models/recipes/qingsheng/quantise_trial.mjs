/**
 * Times variants of a network against each other in system Chromium with onnxruntime-web on one thread, and prints one
 * JSON object: per model `ratio` (median time against the reference's of the same round), `milliseconds` (the
 * reference's median), `load` (milliseconds to make a session, median), `apart` (relative difference of the outputs from
 * the reference's), `failed` (messages), with `profile` also `lines` (what the runtime's profiler says,
 * under a heading per variant).
 *
 * node quantise_trial.mjs '{"root": "...", "tasks": [...], "reference": "float32", "profile": false}'
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { chromium } from "@playwright/test";

const options = JSON.parse(process.argv[2]);
const RUNTIME = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
const TYPES = { ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm" };

function serve() {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    // Isolated, for a clock of 5 microseconds.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Type", TYPES[extname(path)] ?? "text/html");
    try {
      const file = path.startsWith("/ort/") ? join(RUNTIME, path.slice(5)) : join(options.root, path);
      response.end(path === "/" ? "<!doctype html>" : await readFile(file));
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Runs in the page. */
async function measure({ task, reference, profile }) {
  const ort = await import("/ort/ort.wasm.min.mjs");
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = "/ort/";
  ort.env.logLevel = profile ? "verbose" : "error";
  const arrays = { float32: Float32Array, int64: BigInt64Array };
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const bytes = async (path) => {
    const response = await fetch(`/${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.arrayBuffer();
  };
  const feeds = {};
  for (const [name, { type, dims, path }] of Object.entries(task.feeds))
    feeds[name] = new ort.Tensor(type, new arrays[type](await bytes(path)), dims);

  const sessions = {};
  const outputs = {};
  const failed = {};
  const files = {};
  const make = (name) =>
    ort.InferenceSession.create(files[name], { executionProviders: ["wasm"], enableProfiling: profile });
  for (const [name, path] of Object.entries(task.variants)) {
    try {
      files[name] = new Uint8Array(await bytes(path));
      sessions[name] = await make(name);
      outputs[name] = await sessions[name].run(feeds);
    } catch (error) {
      failed[name] = String(error);
      delete sessions[name];
    }
  }
  const names = Object.keys(sessions);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let turn = 0; turn < task.runs; turn++) {
    for (let n = 0; n < names.length; n++) {
      const name = names[(n + turn) % names.length];
      const began = performance.now();
      for (let call = 0; call < task.calls; call++) await sessions[name].run(feeds);
      times[name].push((performance.now() - began) / task.calls);
    }
  }
  if (profile) for (const name of names) {
    console.log(`profile of ${name}`);
    sessions[name].endProfiling();
  }
  const loads = Object.fromEntries(names.map((name) => [name, []]));
  for (let turn = 0; turn < (profile ? 0 : 7); turn++) {
    for (const name of names) {
      const began = performance.now();
      const session = await make(name);
      loads[name].push(performance.now() - began);
      await session.release();
    }
  }
  const apart = (name) => {
    let [different, whole] = [0, 0];
    for (const [key, tensor] of Object.entries(outputs[reference]))
      tensor.data.forEach((value, n) => {
        different += (value - outputs[name][key].data[n]) ** 2;
        whole += value ** 2;
      });
    return Math.sqrt(different / whole);
  };
  const each = (make) => Object.fromEntries(names.map((name) => [name, make(name)]));
  return {
    ratio: each((name) => median(times[name].map((time, turn) => time / times[reference][turn]))),
    milliseconds: median(times[reference]),
    load: each((name) => median(loads[name])),
    apart: each(apart),
    failed,
  };
}

const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
});
const result = { chromium: browser.version() };
try {
  for (const task of options.tasks) {
    const page = await browser.newPage();
    const lines = [];
    page.on("console", (message) => lines.push(message.text()));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const figures = await page.evaluate(measure, { task, reference: options.reference, profile: options.profile });
    result[task.model] = { ...figures, ...(options.profile && { lines }) };
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
console.log(JSON.stringify(result));
