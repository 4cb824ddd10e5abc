/** A text being spoken: sounds from its first words while the rest is made. */
import { Emitter } from "../client/emitter.ts";
import { checkedOptions, checkedTarget } from "../client/options.ts";
import { type QingshengError, toQingshengError } from "../errors.ts";
import type { Chunk, Mark, Notice, Phone, Span, SpeechOptions, Word } from "../protocol.ts";
import { Changes } from "./changes.ts";
import { type ChunkSource, Feeder } from "./feeder.ts";
import type { AudioOutput } from "./output.ts";
import type { TextSource } from "./text-source.ts";
import { Timeline } from "./timeline.ts";

export type PlaybackState =
  /** The first words are being made. */
  | { readonly kind: "preparing" }
  | { readonly kind: "playing" }
  | { readonly kind: "paused" }
  | { readonly kind: "finished" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly error: QingshengError };

export interface PlaybackEvents {
  state: PlaybackState;
  /** A word begins to sound, or undefined: a pause. Spans refer to the text given to `speak`. */
  word: Word | undefined;
  /** A phone begins to sound, for voices that say; times as in `position`. */
  phone: Phone | undefined;
  /** A `<mark>` of the text is reached; `at` as in `position`. */
  mark: Mark;
  /** A sentence or a part of one was made; it sounds when those before it are through. Spans are those of the text. */
  chunk: Chunk;
  notice: Notice;
  /** Seconds of sound heard, counted over the text as it was made: a seek moves it. */
  position: number;
}

export interface PlaybackStats {
  /** From the call of `speak` to the first sample handed to the audio device. */
  readonly firstAudioSeconds: number | undefined;
  readonly synthesisSeconds: number;
  /** Seconds of sound made. */
  readonly audioSeconds: number;
  /** How often the sound had to wait for the next chunk. */
  readonly underruns: number;
}

/** A sentence that begins sooner than this cannot be replaced any more without a gap. */
const REPLACE_MARGIN_SECONDS = 0.25;

const EPSILON = 1e-6;

/** One stretch of the timeline, from `base` seconds and offset `from` of the text on, and its sound. */
interface Stretch {
  readonly feeder: Feeder;
  readonly base: number;
  readonly from: number;
}

export class Playback {
  /** Resolves when all was heard or `stop` was called; rejects when something failed. */
  readonly finished: Promise<void>;
  private settle: { resolve(): void; reject(error: QingshengError): void } | undefined;
  private readonly release: () => void;
  private current: PlaybackState = { kind: "preparing" };
  private readonly emitter = new Emitter<PlaybackEvents>();
  private readonly timeline = new Timeline();
  private readonly startedAt = performance.now();
  private stretch: Stretch;
  /** Sounds when the present one is through: other options from a sentence on that was made already. */
  private following: Stretch | undefined;
  private readonly changes: Changes;
  private word: Word | undefined;
  private phone: Phone | undefined;
  private heard = 0;
  private marked = -EPSILON;
  private wantsPause = false;
  private firstAudioSeconds: number | undefined;
  private synthesisSeconds = 0;
  private audioSeconds = 0;
  private pastUnderruns = 0;
  private underruns = 0;

  constructor(
    private readonly texts: TextSource,
    options: SpeechOptions,
    private readonly source: ChunkSource,
    private readonly output: AudioOutput,
    signal?: AbortSignal,
    from = 0,
  ) {
    this.changes = new Changes(options);
    this.finished = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Those who listen to `state` need not look at `finished` as well.
    this.finished.catch(() => undefined);
    // Synthesis begins meanwhile; a failure is seen when the player is opened.
    this.output.prepare().catch(() => undefined);
    this.stretch = this.newStretch(0, from);
    const stop = () => this.stop();
    signal?.addEventListener("abort", stop, { once: true });
    // A signal may outlive many playbacks.
    this.release = () => signal?.removeEventListener("abort", stop);
    if (signal?.aborted) this.stop();
    else this.begin(this.stretch);
  }

  get state(): PlaybackState {
    return this.current;
  }

  /** Seconds, as the event `position`. */
  get position(): number {
    return this.heard;
  }

  /** Those of `speak` with what `change` has put in their place. */
  get options(): SpeechOptions {
    return this.changes.options;
  }

  get stats(): PlaybackStats {
    const { firstAudioSeconds, synthesisSeconds, audioSeconds } = this;
    return { firstAudioSeconds, synthesisSeconds, audioSeconds, underruns: this.pastUnderruns + this.underruns };
  }

  on<Name extends keyof PlaybackEvents>(name: Name, listener: (value: PlaybackEvents[Name]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  pause(): void {
    if (this.current.kind === "preparing") this.wantsPause = true;
    if (this.current.kind !== "playing") return;
    this.stretch.feeder.pause();
    this.enter({ kind: "paused" });
  }

  resume(): void {
    this.wantsPause = false;
    if (this.current.kind !== "paused") return;
    this.stretch.feeder.play();
    this.enter({ kind: "playing" });
  }

  stop(): void {
    if (this.over()) return;
    this.close({ kind: "stopped" });
    this.settle?.resolve();
  }

  /**
   * Goes to a word, to the one at a place of the text, or to a moment of what is made already. The word is spoken as in its
   * sentence. While paused it stays silent until `resume`. Throws `option.invalid` for what is neither.
   */
  seek(target: number | Pick<Span, "start">): void {
    checkedTarget(target);
    if (this.over()) return;
    const start = typeof target === "number" ? this.timeline.wordNear(target)?.start : target.start;
    if (start === undefined) return;
    const known = this.timeline.wordFrom(start);
    this.replace(known?.begin ?? this.timeline.seconds, start);
  }

  /**
   * Other options from the next sentence on: also where it is made already, but not heard yet. Throws as `speak`. Resolves to true
   * when something was made in them, to false when nothing more was to be made. Rejects where it cannot be, such as for a voice
   * that does not exist or cannot be fetched: then speech goes on as before. What is given in one call is taken or refused as one;
   * calls are judged one by one. Who does not mind need not catch it.
   */
  change(options: SpeechOptions): Promise<boolean> {
    checkedOptions(options, "speech");
    if (this.over()) return Promise.resolve(false);
    const told = this.changes.ask(options);
    this.use(this.changes.options);
    return told;
  }

  private use(options: SpeechOptions): void {
    if (this.following) {
      this.follow(this.following.base, this.following.from);
      return;
    }
    const next = this.timeline.sentenceAfter(this.heard + REPLACE_MARGIN_SECONDS);
    if (!next) {
      this.stretch.feeder.change(options);
      return;
    }
    this.stretch.feeder.endAt(next.begin - this.stretch.base);
    this.follow(next.begin, next.start);
  }

  /** From the next sentence that is to be made. */
  private tryNext(options: SpeechOptions | undefined): void {
    if (options) (this.following ?? this.stretch).feeder.change(options);
  }

  private follow(base: number, from: number): void {
    this.following?.feeder.stop();
    this.timeline.truncate(base);
    this.following = this.newStretch(base, from);
    this.begin(this.following);
  }

  private newStretch(base: number, from: number): Stretch {
    const stretch: Stretch = {
      base,
      from,
      feeder: new Feeder(this.texts, this.source, this.output, {
        onChunk: (chunk, shift) => this.made(stretch, chunk, shift),
        onPosition: (seconds, underruns) => this.moved(stretch, seconds, underruns),
        onTaken: (options) => this.mine(stretch) && this.tryNext(this.changes.take(options)),
        onRefused: (options, error) => this.mine(stretch) && this.tryNext(this.changes.refuse(options, error)),
        onDone: () => this.done(stretch),
        onInterrupted: () => this.pause(),
        onBegun: () => this.resume(),
        onFailed: (error) => this.fail(stretch, error),
      }),
    };
    return stretch;
  }

  private begin({ feeder, from }: Stretch): void {
    feeder.start(from, this.changes.options, this.changes.proven);
  }

  /** Whether it sounds or is about to. */
  private mine(stretch: Stretch): boolean {
    return !this.over() && (stretch === this.stretch || stretch === this.following);
  }

  private replace(base: number, from: number): void {
    this.wantsPause ||= this.current.kind === "paused";
    this.stretch.feeder.stop();
    this.following?.feeder.stop();
    this.following = undefined;
    this.pastUnderruns += this.underruns;
    this.underruns = 0;
    this.timeline.truncate(base);
    this.stretch = this.newStretch(base, from);
    this.heard = base;
    this.marked = base - EPSILON;
    this.show();
    this.emitter.emit("position", base);
    this.enter({ kind: "preparing" });
    this.begin(this.stretch);
  }

  private made(stretch: Stretch, chunk: Chunk, shift: number): void {
    if (!this.mine(stretch)) return;
    this.timeline.add(chunk, shift);
    this.synthesisSeconds += chunk.synthesisSeconds;
    this.audioSeconds += chunk.samples.length / chunk.sampleRate;
    for (const notice of chunk.notices) {
      this.emitter.emit("notice", { ...notice, start: notice.start + shift, stop: notice.stop + shift });
    }
    this.emitter.emit("chunk", shifted(chunk, shift));
    if (this.current.kind === "preparing" && stretch === this.stretch) this.play();
  }

  private play(): void {
    if (this.wantsPause) {
      this.wantsPause = false;
      this.enter({ kind: "paused" });
    } else {
      this.enter({ kind: "playing" });
      this.stretch.feeder.play();
    }
  }

  private moved(stretch: Stretch, seconds: number, underruns: number): void {
    if (this.over() || stretch !== this.stretch) return;
    if (seconds > 0) this.firstAudioSeconds ??= (performance.now() - this.startedAt) / 1000;
    this.heard = Math.max(this.heard, stretch.base + seconds);
    this.underruns = underruns;
    this.emitter.emit("position", this.heard);
    this.show();
    for (const mark of this.timeline.marksBetween(this.marked, this.heard)) this.emitter.emit("mark", mark);
    this.marked = this.heard;
  }

  private show(): void {
    const word = this.timeline.at(this.heard);
    if (word !== this.word) this.emitter.emit("word", word);
    this.word = word;
    const phone = this.timeline.phoneAt(this.heard);
    if (phone !== this.phone) this.emitter.emit("phone", phone);
    this.phone = phone;
  }

  private done(stretch: Stretch): void {
    if (this.over() || stretch !== this.stretch) return;
    if (this.following) {
      this.pastUnderruns += this.underruns;
      this.underruns = 0;
      this.stretch = this.following;
      this.following = undefined;
      if (this.stretch.feeder.made > 0) this.stretch.feeder.play();
      else this.enter({ kind: "preparing" });
      return;
    }
    this.close({ kind: "finished" });
    this.settle?.resolve();
  }

  private fail(stretch: Stretch, thrown: unknown): void {
    if (!this.mine(stretch)) return;
    const error = toQingshengError(thrown);
    this.close({ kind: "failed", error });
    this.settle?.reject(error);
  }

  private close(state: PlaybackState): void {
    this.stretch.feeder.stop();
    this.following?.feeder.stop();
    this.release();
    this.changes.end(state.kind === "failed" ? state.error : undefined);
    if (this.word) this.emitter.emit("word", undefined);
    this.enter(state);
  }

  private enter(state: PlaybackState): void {
    this.current = state;
    this.emitter.emit("state", state);
  }

  private over(): boolean {
    const { kind } = this.current;
    return kind === "finished" || kind === "stopped" || kind === "failed";
  }
}

function shifted(chunk: Chunk, shift: number): Chunk {
  if (shift === 0) return chunk;
  const move = <T extends Span>(span: T): T => ({ ...span, start: span.start + shift, stop: span.stop + shift });
  return {
    ...chunk,
    span: move(chunk.span),
    words: chunk.words.map(move),
    marks: chunk.marks.map(move),
    notices: chunk.notices.map(move),
  };
}
