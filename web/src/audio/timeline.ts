/** What sounds when: words, phones, marks and sentences in seconds from the first sample, as far as they are made. */
import type { Chunk, Mark, Phone, Span, Word } from "../protocol.ts";

interface Sentence {
  readonly begin: number;
  /** Where it begins in the caller's text, in UTF-16 code units. */
  readonly start: number;
}

export class Timeline {
  private readonly words: Word[] = [];
  private readonly phones: Phone[] = [];
  private readonly marks: Mark[] = [];
  private readonly sentences: Sentence[] = [];
  private sentence: string | undefined;
  /** Seconds of sound so far. */
  seconds = 0;

  /** shift: where the text given to the engine begins in the caller's text, in UTF-16 code units. */
  add(chunk: Chunk, shift: number): void {
    const at = this.seconds;
    const name = `${shift}/${chunk.sentence}`;
    if (name !== this.sentence) this.sentences.push({ begin: at, start: shift + chunk.span.start });
    this.sentence = name;
    for (const word of chunk.words) {
      this.words.push({ ...word, ...moved(word, shift), begin: word.begin + at, end: word.end + at });
    }
    for (const { phone, begin, end } of chunk.phones) this.phones.push({ phone, begin: begin + at, end: end + at });
    for (const mark of chunk.marks) this.marks.push({ ...mark, ...moved(mark, shift), at: mark.at + at });
    this.seconds += chunk.samples.length / chunk.sampleRate;
  }

  /** The word being spoken at this moment; during a pause none. */
  at(seconds: number): Word | undefined {
    return soundingAt(this.words, seconds);
  }

  phoneAt(seconds: number): Phone | undefined {
    return soundingAt(this.phones, seconds);
  }

  /** Marks behind `from`, up to `to`. */
  marksBetween(from: number, to: number): Mark[] {
    return this.marks.filter(({ at }) => at > from && at <= to);
  }

  /** The word that sounds at this moment, else the next one, else the last one. */
  wordNear(seconds: number): Word | undefined {
    return this.words.find(({ end }) => end > seconds) ?? this.words.at(-1);
  }

  /** The word at or behind a place of the text, as far as it is made. */
  wordFrom(start: number): Word | undefined {
    const last = this.words.at(-1);
    if (!last || last.stop <= start) return undefined;
    return this.words.find((word) => word.stop > start);
  }

  /** The first sentence that begins behind this moment. */
  sentenceAfter(seconds: number): Sentence | undefined {
    return this.sentences.find(({ begin }) => begin > seconds);
  }

  /** Forgets what lies behind this moment: it will sound differently. */
  truncate(seconds: number): void {
    for (const list of [this.words, this.phones, this.sentences] as { begin: number }[][]) {
      list.splice(firstFrom(list, seconds - EPSILON));
    }
    const marks = this.marks.findIndex(({ at }) => at >= seconds - EPSILON);
    if (marks >= 0) this.marks.splice(marks);
    this.sentence = undefined;
    this.seconds = Math.min(this.seconds, seconds);
  }
}

const EPSILON = 1e-6;

function moved({ start, stop }: Span, shift: number): Span {
  return { start: start + shift, stop: stop + shift };
}

/** Index of the first that begins at `seconds` or behind. */
function firstFrom(list: readonly { readonly begin: number }[], seconds: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.begin ?? 0) < seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

function soundingAt<T extends { begin: number; end: number }>(list: readonly T[], seconds: number): T | undefined {
  const next = firstFrom(list, seconds);
  const begins = list[next]?.begin === seconds ? list[next] : list[next - 1];
  return begins && seconds < begins.end ? begins : undefined;
}
