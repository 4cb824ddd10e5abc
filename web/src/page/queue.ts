/** Reads a text of any length: part after part, from any place, with one state that the page follows. */

import { Emitter } from "../client/emitter.ts";
import { QingshengError } from "../errors.ts";
import type { Playback, PlaybackState, PlaybackStats, Qingsheng } from "../index.ts";
import type { Chunk, Notice, Span, SpeechOptions } from "../protocol.ts";
import { parts } from "./parts.ts";

export type QueueState =
  | { readonly kind: "idle" }
  | { readonly kind: "preparing" | "playing" | "paused" }
  | { readonly kind: "finished" | "stopped" }
  | { readonly kind: "failed"; readonly error: QingshengError };

export interface QueueEvents {
  state: QueueState;
  /** A change that cannot be, and the options that hold instead. */
  refused: { readonly error: QingshengError; readonly options: SpeechOptions };
  /** Of the text given to `start`. */
  word: Span | undefined;
  notice: Notice;
  mark: Span & { readonly name: string };
  /** shift: where the text given to the engine begins in that of `start`. */
  chunk: { readonly chunk: Chunk; readonly part: Part };
  /** Seconds heard of the part that sounds. */
  position: { readonly seconds: number; readonly part: Part };
}

/** What the engine is given for a span of the text, and the way back from its offsets. */
export interface Part extends Span {
  readonly spoken: string;
  readonly back: (offset: number) => number;
}

export type Prepare = (text: string, span: Span) => Part;

export const asWritten: Prepare = (text, { start, stop }) => ({
  start,
  stop,
  spoken: text.slice(start, stop),
  back: (offset) => start + offset,
});

export class ReadingQueue {
  private current: QueueState = { kind: "idle" };
  private readonly emitter = new Emitter<QueueEvents>();
  private playback: Playback | undefined;
  private waiting: Iterator<Span> | undefined;
  private text = "";
  private until = Number.POSITIVE_INFINITY;
  private options: SpeechOptions = {};
  /** In which something was made; there is a way back to them. */
  private sure: SpeechOptions | undefined;
  /** Changes in which nothing was made yet. */
  private unsure: SpeechOptions[] = [];
  private spoken = 0;
  private past = { synthesis: 0, audio: 0, underruns: 0 };
  private first: number | undefined;
  /** Where the voice is, to go on from there. */
  place = 0;

  constructor(
    private readonly tts: () => Qingsheng,
    private readonly prepare: Prepare = asWritten,
  ) {}

  get state(): QueueState {
    return this.current;
  }

  get active(): boolean {
    return ["preparing", "playing", "paused"].includes(this.current.kind);
  }

  get stats(): PlaybackStats {
    const now = this.playback?.stats;
    return {
      firstAudioSeconds: this.first ?? now?.firstAudioSeconds,
      synthesisSeconds: this.past.synthesis + (now?.synthesisSeconds ?? 0),
      audioSeconds: this.past.audio + (now?.audioSeconds ?? 0),
      underruns: this.past.underruns + (now?.underruns ?? 0),
    };
  }

  on<Name extends keyof QueueEvents>(name: Name, listener: (value: QueueEvents[Name]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  /** Call it from a click or a key, or the browser stays silent. */
  start(text: string, options: SpeechOptions, from = 0, until = Number.POSITIVE_INFINITY): void {
    const before = this.playback;
    this.settle();
    // Also where nothing of the new text can be spoken, and so nothing takes its place.
    before?.stop();
    this.text = text;
    this.until = until;
    this.options = options;
    this.sure = undefined;
    this.unsure = [];
    this.spoken = 0;
    this.past = { synthesis: 0, audio: 0, underruns: 0 };
    this.first = undefined;
    this.jump(from);
  }

  /** Goes on from another place. */
  jump(from: number): void {
    this.place = from;
    this.waiting = parts(this.text, from);
    this.emitter.emit("word", undefined);
    this.next(new QingshengError("text.empty", "There is nothing to speak.", "Write something."));
  }

  pause(): void {
    this.playback?.pause();
  }

  resume(): void {
    this.playback?.resume();
  }

  stop(): void {
    this.waiting = undefined;
    this.playback?.stop();
  }

  /** From the next sentence on. What cannot be is told of as `refused`, and speech goes on as before. */
  change(options: SpeechOptions): void {
    const { playback } = this;
    const changed = playback?.change(options);
    this.options = { ...this.options, ...options };
    if (!playback || !changed) return;
    this.unsure.push(options);
    changed.then(
      (made) => {
        if (!made) return;
        this.sure = { ...this.sure, ...options };
        this.settled(options);
      },
      (error: QingshengError) => {
        if (this.playback !== playback || !this.active) return;
        this.settled(options);
        this.goBack(playback.options, error);
      },
    );
  }

  private settled(change: SpeechOptions): void {
    this.unsure = this.unsure.filter((one) => one !== change);
  }

  private goBack(options: SpeechOptions, error: QingshengError): void {
    this.options = options;
    this.emitter.emit("refused", { error, options });
  }

  /** ifNone: what to say if nothing of the text could be spoken. */
  private next(ifNone: QingshengError): void {
    const { value: span } = this.waiting?.next() ?? { value: undefined };
    if (!span || span.start >= this.until) {
      this.enter(this.spoken > 0 ? { kind: "finished" } : { kind: "failed", error: ifNone });
      return;
    }
    this.play(this.prepare(this.text, { start: span.start, stop: Math.min(span.stop, this.until) }));
  }

  private play(part: Part): void {
    this.settle();
    const given = this.options;
    const carried = this.unsure;
    const playback = this.tts().speak(part.spoken, given);
    this.playback = playback;
    let made = false;
    const mine = <T>(listener: (value: T) => void) => {
      return (value: T) => {
        if (this.playback === playback) listener(value);
      };
    };
    playback.on(
      "state",
      mine((state) => {
        if (state.kind !== "failed") this.followed(state);
        // A part without words, such as a line of asterisks, does not end the reading.
        else if (state.error.code === "text.empty") this.next(state.error);
        else if (made || !this.sure || this.sure === given) this.enter(state);
        else this.playAsBefore(part, this.sure, carried, state.error);
      }),
    );
    playback.on(
      "word",
      mine((word) => this.word(word && { start: part.back(word.start), stop: part.back(word.stop) })),
    );
    playback.on(
      "chunk",
      mine((chunk) => {
        if (!made) {
          this.sure = given;
          this.unsure = this.unsure.filter((one) => !carried.includes(one));
        }
        made = true;
        this.emitter.emit("chunk", { chunk, part });
      }),
    );
    playback.on(
      "position",
      mine((seconds) => this.emitter.emit("position", { seconds, part })),
    );
    playback.on(
      "notice",
      mine((notice) => this.emitter.emit("notice", moved(notice, part))),
    );
    playback.on(
      "mark",
      mine(({ name, start, stop }) =>
        this.emitter.emit("mark", { name, start: part.back(start), stop: part.back(stop) }),
      ),
    );
    if (!this.active) this.enter({ kind: "preparing" });
  }

  /** Its options were changed when nothing was left of the part before that could have been made in them. */
  private playAsBefore(
    part: Part,
    sure: SpeechOptions,
    changes: readonly SpeechOptions[],
    error: QingshengError,
  ): void {
    this.unsure = [];
    if (changes.length > 1) this.options = sure;
    else this.goBack(sure, error);
    this.play(part);
    // Which of them it was shows when they are asked for one by one.
    if (changes.length > 1) for (const one of changes) this.change(one);
  }

  private word(word: Span | undefined): void {
    if (word) this.place = word.start;
    this.emitter.emit("word", word);
  }

  private followed(state: Exclude<PlaybackState, { kind: "failed" }>): void {
    switch (state.kind) {
      case "preparing":
        break;
      case "playing":
      case "paused":
        this.spoken += 1;
        this.enter({ kind: state.kind });
        break;
      case "finished":
        this.next(new QingshengError("text.empty", "There is nothing to speak.", "Write something."));
        break;
      case "stopped":
        this.enter({ kind: "stopped" });
    }
  }

  /** Counts the playback that is over, or is about to be replaced. */
  private settle(): void {
    const over = this.playback;
    this.playback = undefined;
    if (!over) return;
    const { firstAudioSeconds, synthesisSeconds, audioSeconds, underruns } = over.stats;
    this.first ??= firstAudioSeconds;
    this.past.synthesis += synthesisSeconds;
    this.past.audio += audioSeconds;
    this.past.underruns += underruns;
  }

  private enter(state: QueueState): void {
    this.current = state;
    this.emitter.emit("state", state);
  }
}

function moved(notice: Notice, part: Part): Notice {
  return { ...notice, start: part.back(notice.start), stop: part.back(notice.stop) };
}
