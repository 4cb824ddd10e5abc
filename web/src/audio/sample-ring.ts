/**
 * Samples in shared memory from one thread to another without a lock: one writes, one reads (Lamport, "Specifying concurrent
 * program modules", 1983). The counters only grow, modulo 2^32; each is stored by one side, after the samples that it covers.
 */
const HEADER_BYTES = 8;
const WRITTEN = 0;
const READ = 1;
const SAMPLE_BYTES = Float32Array.BYTES_PER_ELEMENT;

export class SampleRing {
  private readonly counters: Int32Array<SharedArrayBuffer>;
  private readonly samples: Float32Array<SharedArrayBuffer>;

  constructor(readonly memory: SharedArrayBuffer) {
    this.counters = new Int32Array(memory, 0, HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.samples = new Float32Array(memory, HEADER_BYTES);
    if (!isPowerOfTwo(this.samples.length)) throw new RangeError(`${this.samples.length} is not a power of two`);
  }

  /** capacity: samples, a power of two, so that the counters may wrap. */
  static create(capacity: number): SampleRing {
    return new SampleRing(new SharedArrayBuffer(HEADER_BYTES + capacity * SAMPLE_BYTES));
  }

  /** Samples that wait. */
  get length(): number {
    return (Atomics.load(this.counters, WRITTEN) - Atomics.load(this.counters, READ)) >>> 0;
  }

  /** Samples that it can still take. */
  get room(): number {
    return this.samples.length - this.length;
  }

  /** The writer's: takes what there is room for, and returns how many that were. */
  push(from: Float32Array): number {
    const count = Math.min(from.length, this.room);
    const written = Atomics.load(this.counters, WRITTEN);
    this.inPieces(written, count, (place, offset, size) => {
      this.samples.set(from.subarray(offset, offset + size), place);
    });
    Atomics.store(this.counters, WRITTEN, (written + count) | 0);
    return count;
  }

  /** The reader's: fills `into` from its beginning as far as the samples go, and returns how many there were. */
  pull(into: Float32Array): number {
    const count = Math.min(into.length, this.length);
    const read = Atomics.load(this.counters, READ);
    this.inPieces(read, count, (place, offset, size) => {
      into.set(this.samples.subarray(place, place + size), offset);
    });
    Atomics.store(this.counters, READ, (read + count) | 0);
    return count;
  }

  /** Empties it. Only while nobody else uses it. */
  reset(): void {
    this.counters.fill(0);
  }

  /** At the end of the memory it goes on at the beginning. */
  private inPieces(counter: number, count: number, copy: (place: number, offset: number, size: number) => void): void {
    const place = (counter >>> 0) & (this.samples.length - 1);
    const first = Math.min(count, this.samples.length - place);
    if (first > 0) copy(place, 0, first);
    if (count > first) copy(0, first, count - first);
  }
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
