/** One utterance being spoken: plays from its first sentence while the rest is made. */
import { Emitter } from "../client/emitter.ts";
import { type QingshengError, toQingshengError } from "../errors.ts";
import type { Chunk, Notice, SpeechOptions, Word } from "../protocol.ts";
import { SAMPLE_RATE } from "./messages.ts";
import type { AudioOutput, Player } from "./output.ts";
import { Timeline } from "./timeline.ts";

export type PlaybackState =
  /** The first sentence is being made. */
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
  /** A sentence was made; it sounds when those before it are through. */
  chunk: Chunk;
  notice: Notice;
  /** Seconds of sound heard. */
  position: number;
}

export interface PlaybackStats {
  /** From the call of `speak` to the first sample handed to the audio device. */
  readonly firstAudioSeconds: number | undefined;
  readonly synthesisSeconds: number;
  readonly audioSeconds: number;
  /** How often the sound had to wait for the next sentence. */
  readonly underruns: number;
}

export type ChunkSource = (text: string, options: SpeechOptions, signal: AbortSignal) => AsyncIterable<Chunk>;

/** Made no further ahead than this, so that a long text does not fill the memory. */
const AHEAD_SECONDS = 20;

export class Playback {
  /** Resolves when all was heard or `stop` was called; rejects when something failed. */
  readonly finished: Promise<void>;
  private settle: { resolve(): void; reject(error: QingshengError): void } | undefined;
  private current: PlaybackState = { kind: "preparing" };
  private readonly emitter = new Emitter<PlaybackEvents>();
  private readonly abort = new AbortController();
  private readonly timeline = new Timeline();
  private readonly startedAt = performance.now();
  private player: Player | undefined;
  private opening: Promise<Player> | undefined;
  private word: Word | undefined;
  private heard = 0;
  private pausedEarly = false;
  private roomWanted: (() => void) | undefined;
  private changed: SpeechOptions | undefined;
  private firstAudioSeconds: number | undefined;
  private synthesisSeconds = 0;
  private underruns = 0;

  constructor(
    private readonly text: string,
    options: SpeechOptions,
    private readonly source: ChunkSource,
    private readonly output: AudioOutput,
    signal?: AbortSignal,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Those who listen to `state` need not look at `finished` as well.
    this.finished.catch(() => undefined);
    signal?.addEventListener("abort", () => this.stop(), { once: true });
    if (signal?.aborted) this.stop();
    else void this.run(options).catch((error) => this.fail(error));
  }

  get state(): PlaybackState {
    return this.current;
  }

  get stats(): PlaybackStats {
    const { firstAudioSeconds, synthesisSeconds, underruns } = this;
    return { firstAudioSeconds, synthesisSeconds, audioSeconds: this.timeline.seconds, underruns };
  }

  on<Name extends keyof PlaybackEvents>(name: Name, listener: (value: PlaybackEvents[Name]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  pause(): void {
    if (this.current.kind === "preparing") this.pausedEarly = true;
    if (this.current.kind !== "playing") return;
    this.player?.pause();
    this.enter({ kind: "paused" });
  }

  resume(): void {
    this.pausedEarly = false;
    if (this.current.kind !== "paused") return;
    this.player?.resume();
    this.enter({ kind: "playing" });
  }

  stop(): void {
    if (this.over()) return;
    this.close({ kind: "stopped" });
    this.settle?.resolve();
  }

  /** Other options from the next sentence that is not made yet. */
  change(options: SpeechOptions): void {
    this.changed = { ...this.changed, ...options };
  }

  private async run(options: SpeechOptions): Promise<void> {
    // Synthesis begins meanwhile; a failure is seen when the player is opened.
    this.output.prepare().catch(() => undefined);
    let rest: { from: number; options: SpeechOptions } | undefined = { from: 0, options };
    while (rest) rest = await this.speakFrom(rest.from, rest.options);
    (await this.open(SAMPLE_RATE)).end();
  }

  /** The one player, at the rate of the first chunk. */
  private open(sampleRate: number): Promise<Player> {
    this.opening ??= this.output.player(sampleRate, {
      onPosition: (seconds, underruns) => this.moved(seconds, underruns),
      onDone: () => this.done(),
    });
    return this.opening;
  }

  /** Returns where to go on with which options, if they were changed before the end. */
  private async speakFrom(from: number, options: SpeechOptions) {
    for await (const chunk of this.source(this.text.slice(from), options, this.abort.signal)) {
      this.accept(await this.open(chunk.sampleRate), chunk, from);
      await this.room();
      if (this.changed && !chunk.last) {
        const next = { from: from + chunk.span.stop, options: { ...options, ...this.changed } };
        this.changed = undefined;
        if (this.text.slice(next.from).trim()) return next;
      }
    }
    return undefined;
  }

  private accept(player: Player, chunk: Chunk, shift: number): void {
    if (this.over()) {
      player.stop();
      return;
    }
    this.player = player;
    this.timeline.add(chunk, shift);
    this.synthesisSeconds += chunk.synthesisSeconds;
    player.push(chunk);
    for (const notice of chunk.notices) {
      this.emitter.emit("notice", { ...notice, start: notice.start + shift, stop: notice.stop + shift });
    }
    this.emitter.emit("chunk", chunk);
    if (this.current.kind === "preparing") this.begin(player);
  }

  private begin(player: Player): void {
    this.enter({ kind: "playing" });
    player.resume();
    if (this.pausedEarly) this.pause();
  }

  /** Waits while enough sound lies ahead. */
  private async room(): Promise<void> {
    while (!this.over() && this.timeline.seconds - this.heard > AHEAD_SECONDS) {
      await new Promise<void>((resolve) => {
        this.roomWanted = resolve;
      });
    }
  }

  private moved(seconds: number, underruns: number): void {
    if (this.over()) return;
    if (seconds > 0) this.firstAudioSeconds ??= (performance.now() - this.startedAt) / 1000;
    this.heard = seconds;
    this.underruns = underruns;
    this.emitter.emit("position", seconds);
    const word = this.timeline.at(seconds);
    if (word !== this.word) {
      this.word = word;
      this.emitter.emit("word", word);
    }
    this.wakeFeeder();
  }

  private done(): void {
    if (this.over()) return;
    this.close({ kind: "finished" });
    this.settle?.resolve();
  }

  private fail(thrown: unknown): void {
    if (this.over()) return;
    const error = toQingshengError(thrown);
    this.close({ kind: "failed", error });
    this.settle?.reject(error);
  }

  private close(state: PlaybackState): void {
    this.player?.stop();
    this.abort.abort();
    this.wakeFeeder();
    if (this.word) this.emitter.emit("word", undefined);
    this.enter(state);
  }

  private wakeFeeder(): void {
    this.roomWanted?.();
    this.roomWanted = undefined;
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
