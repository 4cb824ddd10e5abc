import { expect, it } from "vitest";
import { Relays } from "./relays.ts";

/** Adds what it is given to what the last run left. */
const sum = async ({ x = 0, state = 0 }: Record<string, number>) => ({ total: x + state, next_state: x + state });

it("hands on to the next run of the same relay, and to no other", async () => {
  const relays = new Relays<number>();
  expect(await relays.run(1, { x: 1, state: 10 }, sum)).toEqual({ total: 11 });
  expect(await relays.run(2, { x: 5 }, sum)).toEqual({ total: 5 });
  expect(await relays.run(1, { x: 2 }, sum)).toEqual({ total: 13 });
  relays.forget(1);
  expect(await relays.run(1, { x: 3 }, sum)).toEqual({ total: 3 });
});

it("keeps nothing of a relay that is forgotten while it runs, or of none", async () => {
  const relays = new Relays<number>();
  const running = relays.run(1, { x: 1 }, async (inputs) => {
    relays.forget(1);
    return sum(inputs);
  });
  expect(await running).toEqual({ total: 1 });
  expect(relays.size).toBe(0);
  relays.forget(7);
});

it("a run that fails hands on nothing new", async () => {
  const relays = new Relays<number>();
  await relays.run(1, { x: 1 }, sum);
  await expect(relays.run(1, { x: 2 }, () => Promise.reject(new Error("no memory")))).rejects.toThrow("no memory");
  relays.forget(1);
  expect(relays.size).toBe(0);
});
