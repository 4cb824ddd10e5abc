/** Where the words of an utterance lie in its sound, counted from the first sample of the first chunk. */
import type { Chunk, Word } from "../protocol.ts";

export class Timeline {
  private readonly words: Word[] = [];
  /** Seconds of sound so far. */
  seconds = 0;

  /** shift: where the chunk's text begins in the caller's text, in UTF-16 code units. */
  add(chunk: Chunk, shift: number): void {
    for (const word of chunk.words) {
      this.words.push({
        text: word.text,
        start: word.start + shift,
        stop: word.stop + shift,
        begin: word.begin + this.seconds,
        end: word.end + this.seconds,
        estimated: word.estimated,
      });
    }
    this.seconds += chunk.samples.length / chunk.sampleRate;
  }

  /** The word being spoken at this moment; during a pause none. */
  at(seconds: number): Word | undefined {
    let low = 0;
    let high = this.words.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.words[middle]?.begin ?? 0) <= seconds) low = middle + 1;
      else high = middle;
    }
    const word = this.words[low - 1];
    return word && seconds < word.end ? word : undefined;
  }
}
