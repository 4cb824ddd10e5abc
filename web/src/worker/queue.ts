/** Runs jobs one after another. A failed job rejects for its caller only; the queue goes on. */
export class JobQueue {
  private tail: Promise<void> = Promise.resolve();

  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.tail.then(job);
    this.tail = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

interface Waiting {
  readonly weight: number | undefined;
  begin(): Promise<void>;
}

/**
 * Runs jobs one at a time too, but of those that wait the light before the heavy, so that what is over at once, and what much else
 * depends on, does not wait for what takes long. A job without weight keeps its place: none overtakes it.
 */
export class WeighedQueue {
  private readonly waiting: Waiting[] = [];
  private running = false;

  run<T>(job: () => Promise<T>, weight?: number): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      this.add({ weight, begin: () => job().then(resolve, reject) });
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
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await next.begin();
    this.running = false;
  }
}
