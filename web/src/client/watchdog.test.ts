import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LEAST_SECONDS, STARTING_SECONDS, Watchdog } from "./watchdog.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A worker that answers so many seconds after it was asked; never where there is no number. */
function watched(answerAfter?: number) {
  const hung: number[] = [];
  const worker = { answerAfter, pings: 0 };
  const watchdog: Watchdog = new Watchdog({
    ping: () => {
      worker.pings += 1;
      if (worker.answerAfter !== undefined) setTimeout(() => watchdog.heard(), worker.answerAfter * 1000);
    },
    hung: (seconds) => hung.push(seconds),
  });
  return { watchdog, worker, hung };
}

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

it("tells once of a worker that falls silent while something is expected of it", () => {
  const { watchdog, worker, hung } = watched(0.01);
  watchdog.ready();
  watchdog.expect(true);
  pass(600);
  expect(hung).toEqual([]);
  worker.answerAfter = undefined;
  pass(LEAST_SECONDS - 1);
  expect(hung).toEqual([]);
  pass(600);
  expect(hung).toEqual([LEAST_SECONDS]);
});

it("asks nothing where nothing is expected, and begins anew when something is", () => {
  const { watchdog, worker, hung } = watched();
  watchdog.ready();
  pass(600);
  watchdog.expect(true);
  pass(LEAST_SECONDS - 5);
  watchdog.expect(false);
  pass(600);
  watchdog.expect(true);
  pass(LEAST_SECONDS - 5);
  expect(hung).toEqual([]);
  expect(worker.pings).toBe(2);
});

it("does not take a machine for hung that is twenty times slower, nor one that was always slow", () => {
  const { watchdog, worker, hung } = watched(30);
  // Python's start and the first sentence, in one go: 30 seconds instead of 1.5.
  watchdog.expect(true);
  pass(100);
  watchdog.ready();
  // A long text: 200 seconds.
  worker.answerAfter = 200;
  pass(1000);
  expect(hung).toEqual([]);
  worker.answerAfter = undefined;
  pass(20 * 200 + 500);
  expect(hung.length).toBe(1);
});

it("has more patience with a start", () => {
  const { watchdog, hung } = watched();
  watchdog.expect(true);
  pass(STARTING_SECONDS - 5);
  expect(hung).toEqual([]);
  pass(10);
  expect(hung).toEqual([STARTING_SECONDS]);
});

it("does not count the time in which this thread stood still", () => {
  const { watchdog, hung } = watched();
  watchdog.ready();
  watchdog.expect(true);
  pass(5);
  // The clock goes on, as while a device sleeps, but no timer ran.
  vi.setSystemTime(Date.now() + 3_600_000);
  pass(LEAST_SECONDS - 10);
  expect(hung).toEqual([]);
});
