import { cancelled, type QingshengError } from "../errors.ts";
import type { Chunk } from "../protocol.ts";

/** Chunks asked for before the caller wants them: enough to hide the way to the worker, little to hold. */
const AHEAD = 2;

interface Waiter {
  resolve(chunk: Chunk | undefined): void;
  reject(error: QingshengError): void;
}

type State = { readonly kind: "open" } | { readonly kind: "over"; readonly error?: QingshengError };

export interface StreamRequests {
  next(): void;
  close(): void;
}

/** One stream of the worker: the client pulls, the worker answers in order. */
export class RemoteStream {
  private state: State = { kind: "open" };
  private readonly answers: Promise<Chunk | undefined>[] = [];
  private readonly waiters: Waiter[] = [];

  constructor(private readonly requests: StreamRequests) {}

  next(): Promise<Chunk | undefined> {
    while (this.answers.length < AHEAD) this.ask();
    return this.answers.shift() ?? Promise.resolve(undefined);
  }

  deliver(chunk: Chunk): void {
    this.waiters.shift()?.resolve(chunk);
  }

  end(): void {
    this.settle({ kind: "over" });
  }

  fail(error: QingshengError): void {
    this.settle({ kind: "over", error });
  }

  /** Tells the worker to stop, unless it has stopped already. */
  close(): void {
    if (this.state.kind === "over") return;
    this.requests.close();
    this.fail(cancelled());
  }

  private ask(): void {
    const { state } = this;
    if (state.kind === "over") {
      this.answers.push(state.error ? Promise.reject(state.error) : Promise.resolve(undefined));
    } else {
      this.answers.push(new Promise((resolve, reject) => this.waiters.push({ resolve, reject })));
      this.requests.next();
    }
    // Asked ahead, perhaps never looked at: must not count as unhandled.
    this.answers.at(-1)?.catch(() => undefined);
  }

  private settle(state: State & { kind: "over" }): void {
    if (this.state.kind === "over") return;
    this.state = state;
    for (const waiter of this.waiters.splice(0)) {
      if (state.error) waiter.reject(state.error);
      else waiter.resolve(undefined);
    }
  }
}
