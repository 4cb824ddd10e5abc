/**
 * Everything that crosses between a page and the engine worker, in one place.
 *
 * Streams are pulled: the page asks for one chunk at a time (`next`), so that a long text never piles up
 * in memory and two streams take turns. Every request carries an id; answers to an unknown id are dropped.
 */
import type { WireError } from "./errors.ts";

export const BOOT_STAGES = ["runtime", "packages", "engine", "voice", "warm"] as const;
export type BootStage = (typeof BOOT_STAGES)[number];

/** Half-open span in UTF-16 code units of the caller's own string. */
export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** Times are seconds from the start of the chunk that holds the word. */
export interface Word extends Span {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
  /** The voice does not state when its words sound; they were spread over the sentence. */
  readonly estimated: boolean;
}

export interface Notice extends Span {
  readonly code: string;
  readonly message: string;
  readonly text: string;
}

/** Seconds from the start of the chunk. */
export interface Phone {
  readonly phone: string;
  readonly begin: number;
  readonly end: number;
}

/** A `<mark>` of the text: the span of its tag, and when it comes, in seconds from the start of the chunk. */
export interface Mark extends Span {
  readonly name: string;
  readonly at: number;
}

/** F0 every `step` seconds from the start of the chunk, 0 where unvoiced. */
export interface PitchCurve {
  readonly step: number;
  readonly hertz: readonly number[];
}

/**
 * A sentence of speech or a part of one: mono float samples in -1..1. The first part of a text is short, later ones grow.
 * Words, phones and marks go with the chunk in which they begin.
 */
export interface Chunk {
  readonly index: number;
  /** Which sentence of the text it belongs to. */
  readonly sentence: number;
  readonly samples: Float32Array<ArrayBuffer>;
  readonly sampleRate: number;
  readonly span: Span;
  readonly words: readonly Word[];
  /** Empty for voices that do not say. */
  readonly phones: readonly Phone[];
  readonly pitch: PitchCurve;
  readonly marks: readonly Mark[];
  readonly notices: readonly Notice[];
  readonly last: boolean;
  /** What it is spoken with, emotions of its mark-up aside; null where nothing is known. */
  readonly emotion: Emotion | null;
  /** Seconds of work that this chunk took, all stages. */
  readonly synthesisSeconds: number;
}

export const EMOTIONS = ["neutral", "joy", "sadness", "anger", "fear", "surprise"] as const;
export type EmotionName = (typeof EMOTIONS)[number];

/** Weights of the emotions, which sum to 1; valence -1 to 1, arousal 0 to 1 (0.5 at rest), intensity 0 to 1.2. */
export interface Emotion {
  readonly distribution: Readonly<Record<EmotionName, number>>;
  readonly valence: number;
  readonly arousal: number;
  readonly intensity: number;
}

export type Control = "speed" | "pitch";

export interface Voice {
  readonly id: string;
  /** Of the pack. */
  readonly name: string;
  /** Of the speaker in it; empty as long as the pack is not loaded. */
  readonly speaker: string;
  readonly language: string;
  /** Hz. */
  readonly sampleRate: number;
  /** Under which its sound may be passed on, such as `CC-BY-SA-4.0`. */
  readonly license: string;
  /** Who is to be named with it; empty as long as the pack is not loaded. */
  readonly attribution: string;
  /** The options that it follows; others are reported by the notice `option.unsupported`. */
  readonly controls: readonly Control[];
  /** Whether its files are in the engine already; the others are fetched when first asked for. */
  readonly loaded: boolean;
}

/**
 * speed: 0.5 to 2, 1 is the voice's own. pitch: semitones, -12 to 12. markup: by default SSML is recognised where the text
 * begins with `<speak`, and pinyin in braces (重{chong2}庆) where it is valid. lexicon: words and their toned pinyin, or hanzi to
 * say instead. languages: of those the build has, all where it is left out. emotion: what the text says (`auto`, the default),
 * one emotion, or several with weights 0 to 1. intensity: 0 to 1.2 times as strong. style: the id of a loaded style. voice: null is
 * the default one.
 */
export interface SpeechOptions {
  readonly voice?: string | null;
  readonly speed?: number;
  readonly markup?: "auto" | "ssml" | "inline" | "none";
  readonly pitch?: number;
  readonly lexicon?: Readonly<Record<string, string>>;
  readonly emoji?: "skip" | "name";
  readonly languages?: readonly ("zh" | "en")[];
  readonly emotion?: "auto" | EmotionName | Readonly<Partial<Record<EmotionName, number>>>;
  readonly intensity?: number;
  readonly style?: string | null;
}

export interface BootOptions {
  /** Absolute address of the folder that holds `build.json`. */
  readonly baseUrl: string;
  readonly voice?: string;
  readonly threads?: number;
}

/**
 * Bytes are those that go over the line, compressed where the host compresses, summed over everything this boot needs. `loaded`
 * never decreases; `total` grows while files begin to come from a host that compresses less than the build did.
 */
export type Progress =
  | { readonly kind: "stage"; readonly stage: BootStage; readonly index: number; readonly count: number }
  | {
      readonly kind: "bytes";
      readonly loaded: number;
      readonly total: number;
      /** Bytes of `loaded` that came from this device rather than the network. */
      readonly kept: number;
    }
  | { readonly kind: "ready"; readonly seconds: number; readonly stageSeconds: StageSeconds };

export type StageSeconds = Readonly<Partial<Record<BootStage, number>>>;

export interface EngineInfo {
  readonly version: string;
  readonly threads: number;
  readonly voices: readonly Voice[];
  readonly defaultVoice: string;
}

/** One character of a number, sign or word as written, what is said for it, and the rule that decided. */
export interface ExplainedToken extends Span {
  readonly text: string;
  readonly rule: string;
  readonly spoken: string;
}

export interface ExplainedSyllable extends Span {
  /** Without the tone, `v` for ü: `zhong`, `har`. */
  readonly pinyin: string;
  /** 1 to 5, 5 is neutral; after sandhi. */
  readonly tone: number;
  /** Before sandhi. */
  readonly lexical_tone: number;
  readonly erhua: boolean;
  readonly reason: string;
  /** The rule that changed the tone; empty where none did. */
  readonly sandhi: string;
  /** Other readings of the character, with tone numbers. */
  readonly alternatives: readonly string[];
}

export interface ExplainedWord extends Span {
  readonly text: string;
  /** Level of the prosodic break after the word. */
  readonly break: number;
  /** Seconds. */
  readonly pause: number;
  /** Why there is a pause that no mark asks for; empty elsewhere. */
  readonly pause_reason: string;
  readonly syllables: readonly ExplainedSyllable[];
}

export interface Explanation {
  readonly tokens: readonly ExplainedToken[];
  readonly words: readonly ExplainedWord[];
  readonly notices: readonly Notice[];
}

/** What the text says of a sentence's emotion; `parts` where narrator and quoted characters share the sentence. */
export interface InferredSentence extends Span, Emotion {
  readonly text: string;
  readonly parts?: readonly InferredSentence[];
}

/** As the server lists a style (`api/styles`): what is given is checked against the module. */
export interface StyleRecord {
  readonly id?: string;
  readonly sha256?: string;
}

/** Chinese always, English perhaps. */
export interface Localised {
  readonly zh: string;
  readonly en?: string;
}

/** A loaded style plugin. One that fails is switched off, and `error` says why. */
export interface StyleInfo {
  readonly id: string;
  readonly name: Localised;
  readonly description: Localised;
  readonly version: string;
  readonly state: "on" | "off";
  readonly error: string;
}

/**
 * Requests that have one answer, by name: what `Connection.call` takes and gives. The worker maps each name to a function of
 * `py_engine/runtime/bridge.py` (`worker/calls.ts`). Strings, numbers and bytes reach it as they are, other values as JSON.
 */
export interface Calls {
  explain: { readonly args: readonly [text: string, options: SpeechOptions]; readonly result: Explanation };
  setWord: { readonly args: readonly [word: string, reading: string]; readonly result: undefined };
  infer: {
    readonly args: readonly [text: string, options: SpeechOptions];
    readonly result: readonly InferredSentence[];
  };
  words: { readonly args: readonly []; readonly result: Readonly<Record<string, string>> };
  loadStyle: { readonly args: readonly [record: StyleRecord, source: string]; readonly result: StyleInfo };
  removeStyle: { readonly args: readonly [id: string]; readonly result: undefined };
  styles: { readonly args: readonly []; readonly result: readonly StyleInfo[] };
}

export type CallName = keyof Calls;

export type ToWorker =
  /** lock: the name of a Web Lock that the worker holds as long as it lives. */
  | { readonly type: "boot"; readonly options: BootOptions; readonly lock: string }
  /**
   * from: offset in UTF-16 code units of the word to begin with. hurry: all of it is wanted as fast as it can be made, and not while
   * it sounds.
   */
  | {
      readonly type: "open";
      readonly id: number;
      readonly text: string;
      readonly options: SpeechOptions;
      readonly from: number;
      readonly hurry: boolean;
    }
  | { readonly type: "call"; readonly id: number; readonly name: CallName; readonly args: readonly unknown[] }
  | { readonly type: "next"; readonly id: number }
  | { readonly type: "close"; readonly id: number }
  /** To be answered with `pong` as soon as the worker's event loop is free. */
  | { readonly type: "ping" };

export type FromWorker =
  /** The lock is held from now on: whoever is granted it next knows that the worker is gone. */
  | { readonly type: "alive" }
  | { readonly type: "pong" }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "ready"; readonly info: EngineInfo }
  /** The list changed: a voice pack was fetched, and took the place of another. */
  | { readonly type: "voices"; readonly voices: readonly Voice[] }
  /** Whether every fetched file is now kept on this device. */
  | { readonly type: "kept"; readonly complete: boolean }
  | { readonly type: "chunk"; readonly id: number; readonly chunk: Chunk }
  | { readonly type: "end"; readonly id: number }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  /** id is absent when the boot failed. */
  | { readonly type: "failed"; readonly id?: number; readonly error: WireError };
