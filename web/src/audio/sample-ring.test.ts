import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { transformWithOxc } from "vite";
import { expect, it } from "vitest";
import { SampleRing } from "./sample-ring.ts";

const ramp = (start: number, count: number) => Float32Array.from({ length: count }, (_, at) => start + at);

it("gives back what was put in, in order, across the end of its memory", () => {
  const ring = SampleRing.create(16);
  const seen: number[] = [];
  const into = new Float32Array(7);
  for (let next = 0; next < 100; ) {
    next += ring.push(ramp(next, 11));
    const count = ring.pull(into);
    seen.push(...into.subarray(0, count));
  }
  expect(seen).toEqual([...ramp(0, seen.length)]);
  expect(seen.length).toBeGreaterThan(80);
});

it("takes no more than it has room for, and gives no more than it has", () => {
  const ring = SampleRing.create(8);
  expect(ring.push(ramp(0, 20))).toBe(8);
  expect(ring.push(ramp(0, 1))).toBe(0);
  const into = new Float32Array(20);
  expect(ring.pull(into)).toBe(8);
  expect([...into.subarray(0, 9)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0]);
  expect(ring.pull(into)).toBe(0);
  ring.push(ramp(0, 3));
  ring.reset();
  expect(ring.length).toBe(0);
});

it("goes on when its counters wrap", () => {
  const ring = SampleRing.create(8);
  new Int32Array(ring.memory, 0, 2).fill(-3);
  const into = new Float32Array(4);
  for (const start of [0, 4, 8, 12]) {
    expect(ring.push(ramp(start, 4))).toBe(4);
    expect(ring.length).toBe(4);
    expect(ring.pull(into)).toBe(4);
    expect([...into]).toEqual([...ramp(start, 4)]);
  }
});

it("refuses a size at which the counters could not wrap", () => {
  expect(() => SampleRing.create(12)).toThrowError(/12 is not a power of two/);
});

it("loses and repeats nothing while another thread reads", async () => {
  const source = await readFile(new URL("./sample-ring.ts", import.meta.url), "utf8");
  const { code } = await transformWithOxc(source, "sample-ring.ts");
  const ring = SampleRing.create(1024);
  const total = 60_000;
  const reader = new Worker(
    `const { workerData, parentPort } = require("node:worker_threads");
     (async () => {
       const { SampleRing } = await import(workerData.module);
       const ring = new SampleRing(workerData.memory);
       const into = new Float32Array(100);
       let next = 0;
       while (next < workerData.total) {
         const count = ring.pull(into);
         for (let at = 0; at < count; at++) if (into[at] !== (next + at) % 65536) return parentPort.postMessage(next + at);
         next += count;
       }
       parentPort.postMessage("all");
     })();`,
    {
      eval: true,
      workerData: { memory: ring.memory, total, module: `data:text/javascript,${encodeURIComponent(code)}` },
    },
  );
  const answer = new Promise((resolve, reject) => {
    reader.once("message", resolve);
    reader.once("error", reject);
  });
  let next = 0;
  while (next < total) {
    const block = Float32Array.from({ length: Math.min(37, total - next) }, (_, at) => (next + at) % 65_536);
    const taken = ring.push(block);
    next += taken;
    if (taken === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await answer).toBe("all");
  await reader.terminate();
}, 60_000);
