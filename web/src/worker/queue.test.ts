import { expect, it } from "vitest";
import { JobQueue } from "./queue.ts";

it("runs jobs in order, and a failed one spoils nothing", async () => {
  const queue = new JobQueue();
  const log: string[] = [];
  const first = queue.run(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push("first");
    throw new Error("broken");
  });
  const second = queue.run(async () => {
    log.push("second");
    return 2;
  });
  await expect(first).rejects.toThrowError("broken");
  await expect(second).resolves.toBe(2);
  expect(log).toEqual(["first", "second"]);
});

it("runs what waits by weight, keeps the order of equals and of what has no weight, and a failed one spoils nothing", async () => {
  const queue = new JobQueue();
  const log: string[] = [];
  const job = (name: string, weight?: number) =>
    queue.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      log.push(name);
      if (name === "broken") throw new Error(name);
      return name;
    }, weight);
  const all = [job("first", 9), job("heavy", 9), job("light", 1), job("middle", 5), job("light too", 1)];
  all.push(job("release"), job("later heavy", 9), job("later light", 1));
  const broken = job("broken", 0);
  await expect(broken).rejects.toThrowError("broken");
  await expect(Promise.all(all)).resolves.toHaveLength(8);
  const early = ["light", "light too", "middle", "first", "heavy"];
  expect(log).toEqual([...early, "release", "broken", "later light", "later heavy"]);
  await expect(job("again", 3)).resolves.toBe("again");
});

it("sees what arrived while a job kept the thread to itself, before it begins the next", async () => {
  const queue = new JobQueue();
  const log: string[] = [];
  const job = (name: string, weight: number) => queue.run(async () => void log.push(name), weight);
  let late: Promise<void> | undefined;
  const busy = queue.run(async () => {
    log.push("busy");
    process.nextTick(() => {
      late = job("light", 0);
    });
  }, 1);
  await Promise.all([busy, job("heavy", 1)]);
  await late;
  expect(log).toEqual(["busy", "light", "heavy"]);
});
