/** The public client: an engine in a worker, and what a page does with it. */

import { creditOf } from "../audio/credit.ts";
import type { ChunkSource } from "../audio/feeder.ts";
import { AudioOutput } from "../audio/output.ts";
import { Playback } from "../audio/playback.ts";
import { checkedFormat, encodeSubtitles, type SubtitleFormat } from "../audio/subtitles.ts";
import { checkedText, LiveText, type TextSource, WholeText } from "../audio/text-source.ts";
import { encodeWav } from "../audio/wav.ts";
import { cancelled, QingshengError, throwIfAborted } from "../errors.ts";
import type {
  CallName,
  Calls,
  Chunk,
  EngineInfo,
  Explanation,
  InferredSentence,
  Progress,
  SpeechOptions,
  StyleInfo,
  StyleRecord,
  Voice,
} from "../protocol.ts";
import { bootOptions } from "./boot-options.ts";
import { Connection } from "./connection.ts";
import { LiveSpeech } from "./live.ts";
import { type SpeechObserver, watched } from "./observer.ts";
import { checkedOptions, checkedRecord, checkedString, checkedVolume } from "./options.ts";
import { Session } from "./session.ts";

export interface LoadOptions {
  /** The folder that holds `build.json`. Default: where this module lies. */
  readonly baseUrl?: string | URL;
  /** A pack or `<pack>/<speaker>`. Default: the catalogue's. */
  readonly voice?: string;
  /** With cross-origin isolation only; at most 4. Default: as many as there are processors. */
  readonly threads?: number;
  /** As `Qingsheng.volume`. Default: 1. */
  readonly volume?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Called when the files' way into the device's storage is through: true if the next visit can be offline. */
  readonly onKept?: (complete: boolean) => void;
  /** Called when the worker is gone. What is being spoken goes on with another, as does the next call. */
  readonly onLost?: (error: QingshengError) => void;
  /** Hears how each stream went. */
  readonly observer?: SpeechObserver;
  readonly signal?: AbortSignal;
}

export interface StreamOptions extends SpeechOptions {
  readonly signal?: AbortSignal;
  /** Offset in UTF-16 code units of the word to begin with; it is spoken as in the whole text. */
  readonly from?: number;
}

export interface LiveOptions extends StreamOptions {
  /** Seconds without `push` after which an incomplete sentence is spoken too; 0 for never. Default: 1.5. */
  readonly flushAfter?: number;
}

const FLUSH_AFTER_SECONDS = 1.5;

export class Qingsheng {
  private readonly output = new AudioOutput();
  private readonly session = new Session();
  /** The engine on its way or there. Whatever was rejected or lost is dropped, so that the next call tries anew. */
  private engine: Promise<Connection> | undefined;
  private connection: Connection | undefined;
  private playback: Playback | undefined;
  private disposed = false;

  private constructor(private readonly options: LoadOptions) {}

  /**
   * Resolves when the engine has spoken once, silently, and is warm. Called from a click or key handler, or with one while it loads,
   * it may speak as soon as it is there.
   */
  static async load(options: LoadOptions = {}): Promise<Qingsheng> {
    const tts = new Qingsheng(checkedOptions(options, "load"));
    if (options.volume !== undefined) tts.volume = options.volume;
    const enough = tts.output.takeGestures();
    try {
      await tts.ready(options.signal);
    } catch (error) {
      await tts.dispose();
      throw error;
    } finally {
      enough();
    }
    return tts;
  }

  /** Chunks, of which a long sentence has several, made as they are taken. Leaving the loop stops the work. */
  stream(text: string, options: StreamOptions = {}): AsyncGenerator<Chunk, void, undefined> {
    return this.observed(text, options, true, () => 0);
  }

  private observed(text: string, options: StreamOptions, hurry: boolean, underruns: () => number) {
    const { observer } = this.options;
    const chunks = this.chunks(text, options, hurry);
    const voice = () => options.voice ?? this.connection?.voice(undefined)?.id;
    return observer ? watched(chunks, observer.stream(voice, underruns)) : chunks;
  }

  private async *chunks(text: string, options: StreamOptions, hurry: boolean): AsyncGenerator<Chunk, void, undefined> {
    const { signal, from, ...speech } = checkedOptions(options, "stream");
    throwIfAborted(signal);
    const connection = await this.connect();
    throwIfAborted(signal);
    const { options: own, told } = this.session.allowed(speech);
    const stream = connection.open(checkedText(text), own, from, hurry);
    const close = () => stream.close();
    signal?.addEventListener("abort", close, { once: true });
    try {
      for (let chunk = await stream.next(); chunk; chunk = await stream.next()) yield told(chunk);
    } finally {
      signal?.removeEventListener("abort", close);
      close();
    }
  }

  /**
   * Speaks; what was being spoken stops. Call it from a click or key handler, or the browser stays silent. Throws `option.invalid`
   * for what is no text and no option, `disposed` after `dispose`; whatever is found out later, the playback says.
   */
  speak(text: string, options: StreamOptions = {}): Playback {
    return this.play(new WholeText(text), options);
  }

  /** Speaks a text that is still being written: each sentence as soon as it is complete. As `speak` otherwise. */
  live(options: LiveOptions = {}): LiveSpeech {
    const { flushAfter = FLUSH_AFTER_SECONDS, ...rest } = checkedOptions(options, "live");
    const text = new LiveText();
    return new LiveSpeech(text, this.play(text, rest), flushAfter);
  }

  /** The whole text as a WAV file: mono, 16 bits, with the voice's licence and attribution (INFO, ICOP). */
  async toWav(text: string, options: StreamOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Chunk[] = [];
    for await (const chunk of this.stream(text, options)) chunks.push(chunk);
    const voice = this.connection?.voice(options.voice);
    return encodeWav(chunks, voice && creditOf(voice));
  }

  /** Subtitles of the whole text without its mark-up, as SubRip (`srt`) or WebVTT (`vtt`). */
  async toSubtitles(text: string, format: SubtitleFormat, options: StreamOptions = {}): Promise<string> {
    const wanted = checkedFormat(format);
    const chunks: Chunk[] = [];
    for await (const chunk of this.stream(text, options)) chunks.push(chunk);
    return encodeSubtitles(chunks, text, wanted, options.markup);
  }

  /** How a text is read and why: tokens, words, and the reason of every syllable's reading. Spans are UTF-16. */
  explain(text: string, options: SpeechOptions = {}): Promise<Explanation> {
    return this.ask("explain", text, options);
  }

  /** Loudness of all speech, 0 to 1: a factor of the amplitude, heard at once. What is exported does not change. */
  get volume(): number {
    return this.output.volume;
  }

  set volume(value: number) {
    this.output.volume = checkedVolume(value);
  }

  /** Adds a word to this session's lexicon or changes it: toned pinyin or hanzi to say instead; empty forgets it. */
  async setWord(word: string, reading: string): Promise<void> {
    await this.call("setWord", checkedString("word", word), checkedString("reading", reading));
    this.session.setWord(word, reading);
  }

  /** The session's own words and their readings; a restarted engine has them too. */
  words(): Promise<Readonly<Record<string, string>>> {
    return this.call("words");
  }

  /** The emotion that each sentence of a text carries. Waits for the emotion model, which comes after the voice. */
  infer(text: string, options: SpeechOptions = {}): Promise<readonly InferredSentence[]> {
    return this.ask("infer", text, options);
  }

  /**
   * Loads a style plugin from the text of its Python module, or replaces that of the same id; what is spoken goes on with it
   * from the next sentence. The module runs with the rights of this page: load only what you trust. Rejects with
   * `style.invalid`, and what was loaded before stays. A restarted engine has its styles again.
   */
  async loadStyle(record: StyleRecord, source: string): Promise<StyleInfo> {
    const loaded = await this.call("loadStyle", checkedRecord("record", record), checkedString("source", source));
    this.session.setStyle(loaded, record, source);
    return loaded;
  }

  /** Forgets a style; what is spoken in it goes on without, and says so with the notice `style.unknown`. */
  async removeStyle(id: string): Promise<void> {
    this.session.removeStyle(checkedString("id", id));
    await this.call("removeStyle", id);
  }

  /**
   * The loaded styles, also those that were switched off: because they failed, or because the engine fell silent while it spoke
   * in them, after which another engine goes on without. Loading a style again switches it on again.
   */
  async styles(): Promise<readonly StyleInfo[]> {
    return [...(await this.call("styles")), ...this.session.barredStyles()];
  }

  async voices(): Promise<readonly Voice[]> {
    return (await this.connect()).voices();
  }

  async info(): Promise<EngineInfo> {
    return (await this.connect()).ready;
  }

  /** Ends the worker, with all it was doing, and starts a new one. */
  async restart(signal?: AbortSignal): Promise<void> {
    this.connection?.close();
    this.forget(this.connection);
    await this.ready(signal);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    this.playback?.stop();
    this.connection?.close(disposedError());
    this.forget(this.connection);
    await this.output.close();
  }

  private play(text: TextSource, options: StreamOptions): Playback {
    if (this.disposed) throw disposedError();
    const { signal, from, ...speech } = checkedOptions(options, "stream");
    this.playback?.stop();
    this.output.unlock(this.connection?.voice(speech.voice)?.sampleRate);
    const source: ChunkSource = (part, partOptions, partSignal, partFrom) =>
      this.observed(
        part,
        { ...partOptions, signal: partSignal, from: partFrom },
        false,
        () => playback.stats.underruns,
      );
    const playback = new Playback(text, speech, source, this.output, signal, from);
    this.playback = playback;
    return playback;
  }

  private async ask<Name extends "explain" | "infer">(name: Name, text: string, options: SpeechOptions) {
    return this.call(name, checkedText(text), checkedOptions(options, "speech"));
  }

  private async call<Name extends CallName>(name: Name, ...args: Calls[Name]["args"]): Promise<Calls[Name]["result"]> {
    return (await this.connect()).call(name, ...args);
  }

  private async ready(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const engine = this.connect();
    const stop = () => this.connection?.close(cancelled());
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await engine;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  private connect(): Promise<Connection> {
    if (this.disposed) return Promise.reject(disposedError());
    if (this.engine) return this.engine;
    const engine = this.start().catch((error) => {
      if (this.engine === engine) this.engine = undefined;
      throw error;
    });
    this.engine = engine;
    return engine;
  }

  private async start(): Promise<Connection> {
    requireSecure();
    const { onProgress, onKept, onLost, observer } = this.options;
    const connection = new Connection(bootOptions(this.options), {
      onProgress: (progress) => {
        observer?.progress(progress);
        onProgress?.(progress);
      },
      onKept: (complete) => onKept?.(complete),
      onHung: (seconds, styles) => this.session.bar(styles, seconds),
      onLost: (error) => {
        this.forget(connection);
        observer?.failed(error);
        onLost?.(error);
      },
    });
    this.connection = connection;
    await connection.ready;
    await this.session.restore(connection);
    return connection;
  }

  private forget(connection: Connection | undefined): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    this.engine = undefined;
  }
}

/** Said before anything is fetched: downloads could not be verified, and there would be no player for the sound. */
function requireSecure(): void {
  if (globalThis.isSecureContext) return;
  throw new QingshengError(
    "page.insecure",
    `This page was opened from ${globalThis.location?.origin}, where browsers offer neither crypto.subtle nor AudioWorklet.`,
    "Open it over https or from localhost.",
  );
}

function disposedError(): QingshengError {
  return new QingshengError("disposed", "This Qingsheng object was disposed of.", "Load a new one.");
}
