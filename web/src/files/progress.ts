/** Bytes of all files of a boot: never decreases, ends at the total, whatever is retried on the way. */
import type { BuildFile } from "./build.ts";

export interface ByteCount {
  readonly loaded: number;
  readonly total: number;
  readonly kept: number;
}

export class ByteTracker {
  private readonly loadedOf = new Map<string, number>();
  private keptBytes = 0;
  private total = 0;
  private loaded = 0;

  constructor(
    files: readonly BuildFile[],
    private readonly report: (count: ByteCount) => void,
  ) {
    for (const file of files) {
      if (this.loadedOf.has(file.path)) continue;
      this.loadedOf.set(file.path, 0);
      this.total += file.bytes;
    }
  }

  /** bytes: of this file so far. A retry that begins again counts only once it is past its old mark. */
  advance(file: BuildFile, bytes: number): void {
    const before = this.loadedOf.get(file.path);
    if (before === undefined) return;
    const now = Math.min(file.bytes, Math.max(before, bytes));
    if (now === before) return;
    this.loadedOf.set(file.path, now);
    this.loaded += now - before;
    this.emit();
  }

  /** The file came from this device. */
  kept(file: BuildFile): void {
    this.keptBytes += file.bytes - (this.loadedOf.get(file.path) ?? file.bytes);
    this.advance(file, file.bytes);
  }

  emit(): void {
    this.report({ loaded: this.loaded, total: this.total, kept: this.keptBytes });
  }
}
