/** A WAV file of any length while it is made: in blobs, which browsers keep outside of the page's memory. */
import { pcm16, type Sound, wavFrame } from "../../audio/wav.ts";
import { QingshengError } from "../../errors.ts";

/** Bytes of samples that are put into a blob together. */
const FOLD_BYTES = 8 << 20;
/** Sizes in the file have 32 bits; a credit fits into the rest. */
const MOST_BYTES = 0xffff_0000;

export class WavFile {
  seconds = 0;
  private folded = new Blob();
  private pieces: Uint8Array<ArrayBuffer>[] = [];
  private pending = 0;
  private rate = 0;

  constructor(
    private readonly fold = FOLD_BYTES,
    private readonly most = MOST_BYTES,
  ) {}

  /** Bytes in the page's own memory. */
  get held(): number {
    return this.pending;
  }

  /** Throws `text.too_long` where the format ends. */
  add({ samples, sampleRate }: Sound): void {
    this.rate ||= sampleRate;
    const bytes = pcm16(samples);
    if (this.size + bytes.length > this.most) {
      throw new QingshengError(
        "text.too_long",
        `A WAV file holds at most ${this.most} bytes of sound, and there is more.`,
        "Export it as Opus, or chapter by chapter.",
      );
    }
    this.seconds += samples.length / sampleRate;
    this.pieces.push(bytes);
    this.pending += bytes.length;
    if (this.pending < this.fold) return;
    this.folded = new Blob([this.folded, ...this.pieces]);
    this.pieces = [];
    this.pending = 0;
  }

  finish(credit: string): Blob {
    const { head, tail } = wavFrame(this.size, this.rate, credit);
    return new Blob([head, this.folded, ...this.pieces, tail], { type: "audio/wav" });
  }

  private get size(): number {
    return this.folded.size + this.pending;
  }
}
