/** Takes events out of the outbox to the server, in batches, and again later where that failed. */
import { EVENTS_PER_REPORT, report, type TelemetryEvent, traceOf } from "./events.ts";
import type { Outbox } from "./outbox.ts";

export const FLUSH_MILLISECONDS = 60_000;
const LONGEST_WAIT_MILLISECONDS = 30 * 60_000;
/** Of answers after which the same report would fare no better: it is given up. */
const REFUSED = new Set([400, 403, 413, 415]);
const NOT_WANTED = new Set([404, 405]);

export interface Wire {
  fetch(url: string, init: RequestInit): Promise<{ readonly status: number }>;
  beacon(url: string, body: Blob): boolean;
}

export class Sender {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = FLUSH_MILLISECONDS;
  private sending = false;
  /** Those that no report has taken yet, for the moment when there is no time to ask the outbox. */
  private readonly fresh = new Map<number, TelemetryEvent>();

  constructor(
    private readonly outbox: Outbox,
    private readonly url: string,
    private readonly wire: Wire,
  ) {}

  async add(event: TelemetryEvent): Promise<void> {
    this.fresh.set(await this.outbox.add(event), event);
    this.schedule();
  }

  /** Whatever waits, from before too. Stops at the first report that does not get through. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.sending) return;
    this.sending = true;
    try {
      while (await this.sendOne());
      this.wait = FLUSH_MILLISECONDS;
    } catch {
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MILLISECONDS);
      this.schedule();
    } finally {
      this.sending = false;
    }
  }

  /** The page may be gone in a moment: what is fresh goes with a beacon, which outlives it. */
  hurry(): void {
    if (this.sending || this.fresh.size === 0) return;
    const entries = [...this.fresh].slice(0, EVENTS_PER_REPORT);
    const body = new Blob([report(entries.map(([, event]) => event))], { type: "application/json" });
    if (!this.wire.beacon(this.url, body)) return;
    const keys = entries.map(([key]) => key);
    for (const key of keys) this.fresh.delete(key);
    this.outbox.remove(keys).catch(() => undefined);
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.flush(), this.wait);
  }

  /** Whether there may be more. Throws where it is to be tried again. */
  private async sendOne(): Promise<boolean> {
    const entries = await this.outbox.peek(EVENTS_PER_REPORT);
    if (entries.length === 0) return false;
    const events = entries.map(({ event }) => event);
    const trace = traceOf(events.findLast((event) => traceOf(event)));
    const { status } = await this.wire.fetch(this.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(trace && { traceparent: trace }) },
      body: report(events),
      keepalive: true,
      cache: "no-store",
    });
    const taken = status >= 200 && status < 300;
    if (NOT_WANTED.has(status)) {
      await this.outbox.clear();
      this.fresh.clear();
      return false;
    }
    if (!taken && !REFUSED.has(status)) throw new Error(`the server answered ${status}`);
    for (const { key } of entries) this.fresh.delete(key);
    await this.outbox.remove(entries.map(({ key }) => key));
    return true;
  }
}
