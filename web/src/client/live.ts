/** A text that is still being written, and its sound. */
import type { Playback } from "../audio/playback.ts";
import type { LiveText } from "../audio/text-source.ts";

export class LiveSpeech {
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** playback: spans in its events refer to all that was pushed, joined. flushAfter: seconds, 0 for never. */
  constructor(
    private readonly source: LiveText,
    readonly playback: Playback,
    private readonly flushAfter: number,
  ) {
    const stop = () => clearTimeout(this.timer);
    playback.finished.then(stop, stop);
  }

  /** All that was pushed. */
  get text(): string {
    return this.source.text;
  }

  /** More text. Complete sentences are spoken at once. */
  push(text: string): void {
    this.source.push(text);
    clearTimeout(this.timer);
    if (this.flushAfter > 0) this.timer = setTimeout(() => this.source.flush(), this.flushAfter * 1000);
  }

  /** Speaks what is there, although its sentence is not complete. */
  flush(): void {
    clearTimeout(this.timer);
    this.source.flush();
  }

  /** Nothing more will come: the playback finishes when all was heard. */
  end(): void {
    clearTimeout(this.timer);
    this.source.end();
  }

  stop(): void {
    this.end();
    this.playback.stop();
  }
}
