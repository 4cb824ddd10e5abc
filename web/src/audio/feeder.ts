/** A stretch of speech on its way to one player: from a place in the text, until it ends, is cut off or replaced. */
import { Losses } from "../client/losses.ts";
import { type QingshengError, throwIfAborted, toQingshengError } from "../errors.ts";
import type { Chunk, SpeechOptions } from "../protocol.ts";
import type { AudioOutput, Player } from "./output.ts";
import type { TextSource } from "./text-source.ts";

/** from: offset of the word to begin with. */
export type ChunkSource = (
  text: string,
  options: SpeechOptions,
  signal: AbortSignal,
  from: number,
) => AsyncIterable<Chunk>;

export interface FeederEvents {
  /** shift: where the text that the engine was given begins in the whole text. */
  onChunk(chunk: Chunk, shift: number): void;
  onPosition(seconds: number, underruns: number): void;
  /** The first chunk in these options was made. */
  onTaken(options: SpeechOptions): void;
  /** Nothing can be made in these options; it goes on in the ones before. */
  onRefused(options: SpeechOptions, error: QingshengError): void;
  /** All of it was heard. */
  onDone(): void;
  /** The system took the sound away in mid-speech. */
  onInterrupted(): void;
  onBegun(): void;
  onFailed(error: QingshengError): void;
}

/** Made no further ahead than this, so that a long text does not fill the memory. */
const AHEAD_SECONDS = 20;

export class Feeder {
  private readonly abort = new AbortController();
  private player: Player | undefined;
  private opening: Promise<Player> | undefined;
  private playing = false;
  private pushed = 0;
  private heard = 0;
  private changed: SpeechOptions | undefined;
  /** In which something was made last: there is a way back to them. */
  private proven: SpeechOptions | undefined;
  private roomWanted: (() => void) | undefined;
  /** Where the sentence begins that is being made. */
  private sentenceStart: number | undefined;
  private readonly losses = new Losses();

  constructor(
    private readonly texts: TextSource,
    private readonly source: ChunkSource,
    private readonly output: AudioOutput,
    private readonly events: FeederEvents,
  ) {}

  /** Seconds of sound that were made. */
  get made(): number {
    return this.pushed;
  }

  get stopped(): boolean {
    return this.abort.signal.aborted;
  }

  /** proven: in which speech goes on where nothing can be made in `options`. */
  start(from: number, options: SpeechOptions, proven?: SpeechOptions): void {
    this.proven = proven;
    this.run(from, options).catch((error) => {
      if (!this.stopped) this.events.onFailed(toQingshengError(error));
    });
  }

  /** Other options, all of them, from the next sentence on that is not made yet. */
  change(options: SpeechOptions): void {
    this.changed = options;
  }

  play(): void {
    this.playing = true;
    this.player?.resume();
  }

  pause(): void {
    this.playing = false;
    this.player?.pause();
  }

  /** Makes no more, and lets what is there sound up to this moment of its own. */
  endAt(seconds: number): void {
    this.player?.endAt(seconds);
    this.abort.abort();
    this.wake();
  }

  stop(): void {
    this.player?.stop();
    this.abort.abort();
    this.wake();
  }

  private async run(from: number, options: SpeechOptions): Promise<void> {
    let at = from;
    let own = options;
    for (;;) {
      const piece = await this.texts.piece(at);
      if (this.stopped) return;
      if (!piece) break;
      const rest = await this.speak(piece.text, piece.begin, at, own);
      at = rest?.from ?? piece.begin + piece.text.length;
      own = rest?.options ?? own;
      if (this.stopped) return;
    }
    if (this.player) this.player.end();
    else this.events.onDone();
  }

  /** Returns where to go on with which options, if they were changed before the end. */
  private async speak(text: string, begin: number, from: number, options: SpeechOptions) {
    const { signal } = this.abort;
    this.sentenceStart = undefined;
    let reached: number | undefined = from;
    try {
      for await (const chunk of this.source(text, options, signal, Math.max(0, from - begin))) {
        const starts = this.sentenceStart !== undefined && this.sentenceStart !== chunk.sentence;
        this.sentenceStart = chunk.sentence;
        if (this.changed && starts) return { from: begin + chunk.span.start, options: this.take(this.changed) };
        await this.accept(chunk, begin);
        this.prove(options);
        reached = chunk.last ? undefined : begin + chunk.span.stop;
        this.losses.forget();
      }
    } catch (error) {
      // What is made sounds on meanwhile; asking again starts another engine, which goes on behind it.
      if (this.losses.mayAskAgain(error)) {
        if (reached !== undefined) return { from: reached, options };
      } else if (this.mayGoBack(error, options)) {
        this.events.onRefused(options, toQingshengError(error));
        return { from, options: this.take(this.changed ?? this.proven ?? options) };
      } else if (!(this.texts.lenient && toQingshengError(error).code === "text.empty")) throw error;
    }
    return this.changed && { from: begin + text.length, options: this.take(this.changed) };
  }

  private take(options: SpeechOptions): SpeechOptions {
    this.changed = undefined;
    return options;
  }

  private prove(options: SpeechOptions): void {
    if (this.proven === options) return;
    this.proven = options;
    this.events.onTaken(options);
  }

  /** Whether it may be the change of the options that failed. */
  private mayGoBack(error: unknown, options: SpeechOptions): boolean {
    if (this.stopped || this.proven === undefined || this.proven === options) return false;
    return !["cancelled", "disposed", "text.empty"].includes(toQingshengError(error).code);
  }

  private async accept(chunk: Chunk, shift: number): Promise<void> {
    const player = await this.open(chunk.sampleRate);
    throwIfAborted(this.abort.signal);
    player.push(chunk);
    this.pushed += chunk.samples.length / chunk.sampleRate;
    this.events.onChunk(chunk, shift);
    await this.room();
  }

  /** The one player, at the rate of the first chunk. */
  private async open(sampleRate: number): Promise<Player> {
    this.opening ??= this.output.player(sampleRate, {
      onPosition: (seconds, underruns) => {
        this.heard = seconds;
        this.wake();
        this.events.onPosition(seconds, underruns);
      },
      onDone: () => this.events.onDone(),
      onInterrupted: () => this.events.onInterrupted(),
      onBegun: () => this.events.onBegun(),
    });
    const player = await this.opening;
    if (!this.player) {
      this.player = player;
      if (this.stopped) player.stop();
      else if (this.playing) player.resume();
    }
    return player;
  }

  /** Waits while enough sound lies ahead. */
  private async room(): Promise<void> {
    while (!this.stopped && this.pushed - this.heard > AHEAD_SECONDS) {
      await new Promise<void>((resolve) => {
        this.roomWanted = resolve;
      });
    }
  }

  private wake(): void {
    this.roomWanted?.();
    this.roomWanted = undefined;
  }
}
