/** Waiting: for a while between two attempts, and not for ever for a line that has fallen silent. */

/** Without a byte for so long, a line is taken for broken: mobile networks recover from most gaps sooner. */
export const SILENCE_MS = 30_000;

/** Rejects with the signal's reason as soon as it is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** A signal for one request: aborted by the caller's, and by silence. */
export class Watch {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly outer: AbortSignal | undefined) {
    if (outer?.aborted) this.follow();
    outer?.addEventListener("abort", this.follow, { once: true });
    this.touch();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something came. */
  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => this.controller.abort(new Error(`nothing came for ${SILENCE_MS / 1000} seconds`)),
      SILENCE_MS,
    );
  }

  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener("abort", this.follow);
  }

  private readonly follow = (): void => this.controller.abort(this.outer?.reason);
}
