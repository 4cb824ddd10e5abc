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
