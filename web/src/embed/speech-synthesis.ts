/**
 * The Web Speech API's synthesis half (W3C Community Group, "Web Speech API", 2024), spoken by Qingsheng: `speak`, `pause`, `resume`,
 * `cancel`, `getVoices`, the queue, and the events of utterances. Apps written for `speechSynthesis` switch with one line.
 *
 * Differences: `rate` is held within 0.5 to 2 and `pitch` within one octave; offsets of events are those of
 * the utterance's text, also where it is SSML; an utterance without `lang` has that of the default voice, whatever the page's is.
 */
import { toQingshengError } from "../errors.ts";
import type { Qingsheng, QingshengError, Voice } from "../index.ts";
import { asWritten, type QueueState, ReadingQueue } from "../page/queue.ts";
import type { SpeechOptions } from "../protocol.ts";
import { sharedEngine } from "./engine.ts";
import { voiceOf } from "./voice-choice.ts";

const SPEEDS = { least: 0.5, most: 2 } as const;
const OCTAVE = 12;

export const UTTERANCE_EVENTS = ["start", "end", "error", "pause", "resume", "mark", "boundary"] as const;
export type UtteranceEventName = (typeof UTTERANCE_EVENTS)[number];

/** As `SpeechSynthesisVoice`. */
export interface SynthesisVoice {
  readonly voiceURI: string;
  readonly name: string;
  readonly lang: string;
  readonly localService: boolean;
  readonly default: boolean;
}

interface EventDetail {
  readonly charIndex?: number;
  readonly charLength?: number;
  readonly name?: string;
  readonly error?: string;
}

/** As `SpeechSynthesisEvent` and `SpeechSynthesisErrorEvent`. */
export class UtteranceEvent extends Event {
  readonly charIndex: number;
  readonly charLength: number;
  /** Seconds since the utterance began. */
  readonly elapsedTime: number;
  /** Of a mark; `word` for a boundary. */
  readonly name: string;
  /** The specification's name of an error: `synthesis-failed`, `interrupted`, `canceled`, ... */
  readonly error: string;

  constructor(
    type: UtteranceEventName,
    readonly utterance: QingshengUtterance,
    elapsedTime: number,
    { charIndex = 0, charLength = 0, name = "", error = "" }: EventDetail = {},
  ) {
    super(type);
    this.elapsedTime = elapsedTime;
    this.charIndex = charIndex;
    this.charLength = charLength;
    this.name = name;
    this.error = error;
  }
}

type Handler = ((event: UtteranceEvent) => void) | null;

/** As `SpeechSynthesisUtterance`, with emotion and intensity beside. */
export class QingshengUtterance extends EventTarget {
  text: string;
  /** BCP 47. A language that no voice speaks is the error `language-unavailable`, unless `voice` is set. */
  lang = "";
  voice: SynthesisVoice | null = null;
  /** 0 to 1. */
  volume = 1;
  rate = 1;
  pitch = 1;
  emotion: SpeechOptions["emotion"];
  intensity: number | undefined;
  onstart: Handler = null;
  onend: Handler = null;
  onerror: Handler = null;
  onpause: Handler = null;
  onresume: Handler = null;
  onmark: Handler = null;
  onboundary: Handler = null;

  constructor(text = "") {
    super();
    this.text = text;
    for (const name of UTTERANCE_EVENTS) {
      this.addEventListener(name, (event) => this[`on${name}`]?.(event as UtteranceEvent));
    }
  }
}

/** What an utterance asks for, in the engine's terms. */
export function speechOptions({ rate, pitch, voice, emotion, intensity }: QingshengUtterance): SpeechOptions {
  return {
    ...(voice && { voice: voice.voiceURI }),
    ...(emotion !== undefined && { emotion }),
    ...(intensity !== undefined && { intensity }),
    speed: Math.min(SPEEDS.most, Math.max(SPEEDS.least, rate)),
    // The specification's 0 to 2 around 1, as octaves; 0 is as low as it goes.
    pitch: pitch <= 0.5 ? -OCTAVE : Math.min(OCTAVE, OCTAVE * Math.log2(pitch)),
  };
}

export class QingshengSynthesis extends EventTarget {
  onvoiceschanged: ((event: Event) => void) | null = null;
  private tts: Qingsheng | undefined;
  private voices: SynthesisVoice[] = [];
  private readonly waiting: QingshengUtterance[] = [];
  private current: QingshengUtterance | undefined;
  private queue: ReadingQueue | undefined;
  private held = false;
  /** Counts what was begun: the same utterance may be spoken again before it was. */
  private turn = 0;
  private begun = 0;
  private started = false;
  private wasPaused = false;

  /** load: how to come by the engine; it is asked when something is first spoken, or for its voices. */
  constructor(private readonly load: () => Promise<Qingsheng> = sharedEngine) {
    super();
    this.addEventListener("voiceschanged", (event) => this.onvoiceschanged?.(event));
  }

  get speaking(): boolean {
    return this.current !== undefined;
  }

  get pending(): boolean {
    return this.waiting.length > 0;
  }

  get paused(): boolean {
    return this.held;
  }

  /** Empty until the engine is there; then `voiceschanged` comes, as in browsers. */
  getVoices(): SynthesisVoice[] {
    if (!this.tts) void this.engine().catch(() => undefined);
    return [...this.voices];
  }

  /** Throws a TypeError for what is no utterance, as the specification has it. */
  speak(utterance: QingshengUtterance): void {
    if (!(utterance instanceof EventTarget)) throw new TypeError("speak() takes a SpeechSynthesisUtterance.");
    this.waiting.push(utterance);
    if (!this.current) void this.next();
  }

  /** Ends what is spoken and forgets what waits, each with an `error` event as the specification has it. */
  cancel(): void {
    const { current, queue } = this;
    const forgotten = this.waiting.splice(0);
    this.turn += 1;
    this.current = undefined;
    // Let go of first: what it says of its own end is not news.
    this.queue = undefined;
    queue?.stop();
    if (current) this.tell(current, "error", { error: this.started ? "interrupted" : "canceled" });
    for (const utterance of forgotten) this.tell(utterance, "error", { error: "canceled" });
  }

  pause(): void {
    this.held = true;
    this.queue?.pause();
  }

  resume(): void {
    this.held = false;
    if (this.queue) this.queue.resume();
    else if (!this.current) void this.next();
  }

  private async engine(): Promise<Qingsheng> {
    this.tts ??= await this.load();
    if (this.voices.length === 0) {
      const { voices, defaultVoice } = await this.tts.info();
      this.voices = voices.map((voice) => asVoice(voice, voice.id === defaultVoice));
      this.dispatchEvent(new Event("voiceschanged"));
    }
    return this.tts;
  }

  private async next(): Promise<void> {
    if (this.held) return;
    const utterance = this.waiting.shift();
    if (!utterance) return;
    this.turn += 1;
    const { turn } = this;
    this.current = utterance;
    this.started = false;
    this.wasPaused = false;
    this.begun = performance.now();
    const tts = await this.engine().catch(() => undefined);
    if (this.turn !== turn) return;
    try {
      if (tts) this.play(tts, utterance);
      else this.over(utterance, "error", { error: "synthesis-unavailable" });
    } catch (error) {
      this.over(utterance, "error", { error: errorName(toQingshengError(error)) });
    }
  }

  private play(tts: Qingsheng, utterance: QingshengUtterance): void {
    const queue = new ReadingQueue(() => tts, asWritten);
    this.queue = queue;
    queue.on("state", (state) => this.queue === queue && this.followed(utterance, state));
    queue.on("word", (word) => {
      if (!word || this.queue !== queue) return;
      this.tell(utterance, "boundary", { charIndex: word.start, charLength: word.stop - word.start, name: "word" });
    });
    queue.on("mark", ({ name, start, stop }) => {
      if (this.queue === queue) this.tell(utterance, "mark", { charIndex: start, charLength: stop - start, name });
    });
    const text = String(utterance.text);
    if (!text.trim()) {
      this.nothing(utterance);
      return;
    }
    const voice = utterance.voice ?? (utterance.lang ? voiceOf(String(utterance.lang), this.voices) : null);
    if (voice === undefined) {
      this.over(utterance, "error", { error: "language-unavailable" });
      return;
    }
    tts.volume = Math.min(1, Math.max(0, utterance.volume || 0));
    queue.start(text, { ...speechOptions(utterance), ...(voice && { voice: voice.voiceURI }) });
    if (this.held) queue.pause();
  }

  private followed(utterance: QingshengUtterance, state: QueueState): void {
    switch (state.kind) {
      case "playing":
        if (!this.started) this.begin(utterance);
        else if (this.wasPaused) this.tell(utterance, "resume");
        this.wasPaused = false;
        break;
      case "paused":
        this.wasPaused = true;
        this.tell(utterance, "pause");
        break;
      case "finished":
        this.over(utterance, "end");
        break;
      case "stopped":
        // Another text of the same engine took its place.
        this.over(utterance, "error", { error: "interrupted" });
        break;
      case "failed":
        if (state.error.code === "text.empty") this.nothing(utterance);
        else this.over(utterance, "error", { error: errorName(state.error) });
        break;
    }
  }

  /** What has nothing to say begins and ends, as the specification has it of an empty text. */
  private nothing(utterance: QingshengUtterance): void {
    this.tell(utterance, "start");
    this.over(utterance, "end");
  }

  private begin(utterance: QingshengUtterance): void {
    this.started = true;
    this.begun = performance.now();
    this.tell(utterance, "start");
  }

  private over(utterance: QingshengUtterance, how: "end" | "error", detail: EventDetail = {}): void {
    if (this.current === utterance) {
      this.current = undefined;
      this.queue = undefined;
    }
    this.tell(utterance, how, detail);
    if (!this.current) void this.next();
  }

  private tell(utterance: QingshengUtterance, name: UtteranceEventName, detail: EventDetail = {}): void {
    const elapsed = this.started ? (performance.now() - this.begun) / 1000 : 0;
    utterance.dispatchEvent(new UtteranceEvent(name, utterance, elapsed, detail));
  }
}

function asVoice({ id, name, speaker, language }: Voice, isDefault: boolean): SynthesisVoice {
  const shown = speaker && !speaker.startsWith(name) ? `${name} ${speaker}` : speaker || name;
  return { voiceURI: id, name: shown, lang: language, localService: true, default: isDefault };
}

/** The specification's names for errors. */
function errorName({ code }: QingshengError): string {
  if (code === "text.too_long") return "text-too-long";
  if (code === "voice.not_found") return "voice-unavailable";
  if (code === "language.unsupported") return "language-unavailable";
  if (code === "option.invalid" || code.startsWith("markup.")) return "invalid-argument";
  if (code === "network.failed" || code.startsWith("file.")) return "network";
  if (code === "audio.failed") return "audio-hardware";
  return "synthesis-failed";
}

const NAMES = [
  "speechSynthesis",
  "SpeechSynthesisUtterance",
  "SpeechSynthesisEvent",
  "SpeechSynthesisErrorEvent",
] as const;

/** Takes the place of the browser's own on this page. Returns the function that puts it back. */
export function installSpeechSynthesis(synthesis = new QingshengSynthesis()): () => void {
  const ours = {
    speechSynthesis: synthesis,
    SpeechSynthesisUtterance: QingshengUtterance,
    SpeechSynthesisEvent: UtteranceEvent,
    SpeechSynthesisErrorEvent: UtteranceEvent,
  };
  const before = NAMES.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  for (const name of NAMES) {
    Object.defineProperty(globalThis, name, {
      value: ours[name],
      configurable: true,
      writable: true,
      enumerable: true,
    });
  }
  return () => {
    for (const [index, name] of NAMES.entries()) {
      const descriptor = before[index];
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  };
}
