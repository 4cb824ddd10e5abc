/** Notices a worker that hangs: it lives, but answers nothing any more. */

export interface WatchdogEvents {
  /** The worker's event loop is to answer, which it does as soon as it is free. */
  ping(): void;
  /** seconds: how long nothing came. */
  hung(seconds: number): void;
}

export const TICK_MS = 1000;
/** Seconds without an answer that are no hang on any machine: a long text is analysed in two on an ordinary one. */
export const LEAST_SECONDS = 60;
/** While the engine starts nobody knows yet how fast the machine is. */
export const STARTING_SECONDS = 180;
/** A machine whose longest silence was this part of it so far may well do the same again. */
const TIMES_LONGEST = 20;

/**
 * Asks the worker for a sign of life while something is expected of it, and counts the ticks of this thread until one comes. It
 * counts ticks, not the clock: a device that slept, a tab whose timers are held back, or a page that was busy itself makes few.
 * What is allowed grows with the longest silence that ended well, so that a slow machine is not taken for a hung one.
 */
export class Watchdog {
  private timer: ReturnType<typeof setInterval> | undefined;
  /** Ticks since the question that waits for its answer; undefined where none does. */
  private silent: number | undefined;
  private longest = 0;
  private started = false;

  constructor(private readonly events: WatchdogEvents) {}

  /** Something is expected of the worker, or nothing more. */
  expect(anything: boolean): void {
    if (!anything) this.end();
    else this.timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  /** Anything came from the worker. */
  heard(): void {
    this.longest = Math.max(this.longest, this.silent ?? 0);
    this.silent = undefined;
  }

  /** The engine is there: what it needed for its start says how fast the machine is. */
  ready(): void {
    this.started = true;
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.silent = undefined;
  }

  private tick(): void {
    if (this.silent === undefined) {
      this.silent = 0;
      this.events.ping();
      return;
    }
    this.silent += 1;
    const seconds = (this.silent * TICK_MS) / 1000;
    if (seconds < this.limit()) return;
    this.end();
    this.events.hung(seconds);
  }

  private limit(): number {
    const least = this.started ? LEAST_SECONDS : STARTING_SECONDS;
    return Math.max(least, (this.longest * TIMES_LONGEST * TICK_MS) / 1000);
  }
}
