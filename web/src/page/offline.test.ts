import { expect, test } from "vitest";
import { newerOf } from "./offline.ts";

const worker = (state: ServiceWorkerState) => ({ state }) as ServiceWorker;

test("only a worker that waits for another one is a new version", () => {
  const old = worker("activated");
  const next = worker("installed");
  expect(newerOf({ waiting: next, active: old })).toBe(next);
  expect(newerOf({ waiting: next, active: null })).toBeUndefined();
  expect(newerOf({ waiting: worker("activating"), active: old })).toBeUndefined();
  expect(newerOf({ waiting: next, active: next })).toBeUndefined();
  expect(newerOf({ waiting: null, active: old })).toBeUndefined();
});
