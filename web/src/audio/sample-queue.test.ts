import { expect, it } from "vitest";
import { SampleQueue } from "./sample-queue.ts";

it("gives samples back in order across buffers, and says how many there were", () => {
  const queue = new SampleQueue();
  queue.push(Float32Array.of(1, 2, 3));
  queue.push(new Float32Array(0));
  queue.push(Float32Array.of(4, 5));
  const into = new Float32Array(4);
  expect([queue.pull(into), [...into], queue.length]).toEqual([4, [1, 2, 3, 4], 1]);
  into.fill(0);
  expect([queue.pull(into), [...into], queue.length]).toEqual([1, [5, 0, 0, 0], 0]);
  expect(queue.pull(into)).toBe(0);
});
