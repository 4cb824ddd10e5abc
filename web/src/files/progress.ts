/** Bytes of all files of a boot, as transferred: never decreases, ends at the total, whatever is retried on the way. */
import { type BuildFile, transferred } from "./build.ts";

export interface ByteCount {
  readonly loaded: number;
  readonly total: number;
  readonly kept: number;
}

/** One file on its way. */
interface Counted {
  /** Bytes that the whole file takes on the line. */
  transfer: number;
  /** Which part of it has arrived. */
  share: number;
}

export class ByteTracker {
  private readonly files = new Map<string, Counted>();
  private keptBytes = 0;

  constructor(
    files: readonly BuildFile[],
    private readonly report: (count: ByteCount) => void,
  ) {
    for (const file of files) this.files.set(file.path, { transfer: transferred(file), share: 0 });
  }

  /** transfer: what the host says that it sends, which is more where it compresses less than the build did. */
  sized(file: BuildFile, transfer: number): void {
    const counted = this.files.get(file.path);
    if (counted) counted.transfer = Math.min(file.bytes, Math.max(counted.transfer, transfer));
  }

  /** bytes: of this file so far, unpacked. A retry that begins again counts only once it is past its old mark. */
  advance(file: BuildFile, bytes: number): void {
    const counted = this.files.get(file.path);
    const share = file.bytes > 0 ? Math.min(1, bytes / file.bytes) : 1;
    if (!counted || share <= counted.share) return;
    counted.share = share;
    this.emit();
  }

  /** The file came from this device. */
  kept(file: BuildFile): void {
    const counted = this.files.get(file.path);
    if (counted) this.keptBytes += counted.transfer * (1 - counted.share);
    this.advance(file, file.bytes);
  }

  emit(): void {
    const all = [...this.files.values()];
    const loaded = all.reduce((sum, { transfer, share }) => sum + transfer * share, 0);
    const total = all.reduce((sum, { transfer }) => sum + transfer, 0);
    this.report({ loaded: Math.round(loaded), total: Math.round(total), kept: Math.round(this.keptBytes) });
  }
}
