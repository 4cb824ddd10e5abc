import { expect, it } from "vitest";
import { QingshengError } from "./errors.ts";
import { PendingCalls } from "./pending-calls.ts";

const lost = new QingshengError("worker.lost", "gone");

it("settles each call by its number, whatever the order, and once", async () => {
  const calls = new PendingCalls();
  const [first, second] = [calls.add<string>(1), calls.add<string>(2)];
  calls.resolve(2, "b");
  expect(calls.reject(2, lost)).toBe(false);
  expect(calls.reject(1, lost)).toBe(true);
  expect(await second).toBe("b");
  await expect(first).rejects.toBe(lost);
  calls.resolve(9, "nobody asked");
});

it("settles all that wait when the worker is gone", async () => {
  const calls = new PendingCalls();
  const waiting = [calls.add(1), calls.add(2)];
  calls.failAll(lost);
  for (const call of waiting) await expect(call).rejects.toMatchObject({ code: "worker.lost" });
});
