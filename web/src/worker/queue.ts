interface Waiting {
  readonly weight: number | undefined;
  begin(): Promise<void>;
}

/**
 * Runs jobs one after another. A failed job rejects for its caller only; the queue goes on. A job without weight keeps its place: none
 * overtakes it. Of those with a weight that wait side by side the light go before the heavy, so that what is over at once, and what
 * much else depends on, does not wait for what takes long.
 */
export class JobQueue {
  private readonly waiting: Waiting[] = [];
  private readonly channel = new MessageChannel();
  private running = false;

  run<T>(job: () => Promise<T>, weight?: number): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      this.add({ weight, begin: () => Promise.resolve().then(job).then(resolve, reject) });
    });
    if (!this.running) void this.work();
    return result;
  }

  private add(job: Waiting): void {
    const heavier = ({ weight }: Waiting) => job.weight !== undefined && weight !== undefined && weight > job.weight;
    const before = this.waiting.findLastIndex((other) => !heavier(other));
    this.waiting.splice(before + 1, 0, job);
  }

  private async work(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      // What arrived while the thread was at work has not been seen yet, and may be lighter.
      await this.turn();
      await this.waiting.shift()?.begin();
    }
    this.running = false;
  }

  /** One turn of the event loop; a timer would wait for milliseconds. */
  private turn(): Promise<void> {
    return new Promise((resolve) => {
      this.channel.port1.onmessage = () => resolve();
      this.channel.port2.postMessage(undefined);
    });
  }
}
