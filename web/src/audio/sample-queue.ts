/** First-in first-out of sample buffers, without copying them together. */
export class SampleQueue {
  length = 0;
  private readonly buffers: Float32Array[] = [];
  private head = 0;

  push(samples: Float32Array): void {
    if (samples.length === 0) return;
    this.buffers.push(samples);
    this.length += samples.length;
  }

  /** Fills `into` from its beginning as far as the samples go, and returns how many there were. */
  pull(into: Float32Array): number {
    let filled = 0;
    while (filled < into.length) {
      const first = this.buffers[0];
      if (!first) break;
      const count = Math.min(into.length - filled, first.length - this.head);
      into.set(first.subarray(this.head, this.head + count), filled);
      filled += count;
      this.head += count;
      if (this.head === first.length) {
        this.buffers.shift();
        this.head = 0;
      }
    }
    this.length -= filled;
    return filled;
  }
}
