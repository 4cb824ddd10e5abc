/**
 * `<qingsheng-player>`: a text with a button that speaks it.
 *
 *     <qingsheng-player emotion="joy" intensity="0.8">太好了！</qingsheng-player>
 *
 * The text is the attribute `text`, else what `src` names (a plain text file), else the element's own text. The engine is loaded at the
 * first `play()`; all players of a page share it, and one speaks at a time.
 */
import { type Qingsheng, QingshengError } from "../index.ts";
import { asWritten, type QueueState, ReadingQueue } from "../page/queue.ts";
import { EMOTIONS, type Span, type SpeechOptions } from "../protocol.ts";
import { sharedEngine } from "./engine.ts";
import { PlayerView, type State, WORDS } from "./player-view.ts";

const MOST_BYTES = 4 << 20;

/** The element's events; they bubble and cross shadow roots. */
export interface PlayerEvents {
  /** The engine is loaded. */
  "qingsheng-ready": CustomEvent<undefined>;
  "qingsheng-start": CustomEvent<undefined>;
  "qingsheng-pause": CustomEvent<undefined>;
  "qingsheng-resume": CustomEvent<undefined>;
  /** A word begins: its span in the text, in UTF-16 code units. */
  "qingsheng-boundary": CustomEvent<Span & { readonly text: string }>;
  "qingsheng-end": CustomEvent<undefined>;
  "qingsheng-error": CustomEvent<QingshengError>;
}

/** So that the module can be imported where there is no DOM, as when a page is rendered on a server. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

export class QingshengPlayer extends Base {
  static readonly observedAttributes = [
    "text",
    "src",
    "voice",
    "speed",
    "pitch",
    "emotion",
    "intensity",
    "volume",
    "muted",
    "style-id",
    "controls",
    "show-text",
    "lang",
  ];

  private state: State = "idle";
  private queue: ReadingQueue | undefined;
  private tts: Qingsheng | undefined;
  private content = "";
  private fetched: { readonly src: string; readonly text: string } | undefined;
  private readonly view: PlayerView;

  constructor() {
    super();
    this.view = new PlayerView(
      this.attachShadow({ mode: "open" }),
      () => this.toggle(),
      () => this.stop(),
      () => {
        this.muted = !this.muted;
      },
    );
  }

  connectedCallback(): void {
    this.show();
  }

  disconnectedCallback(): void {
    this.stop();
  }

  attributeChangedCallback(name: string): void {
    if (name === "text" || name === "src") this.stop();
    else if (name === "volume" || name === "muted") this.loud();
    else this.queue?.change(this.options());
    this.show();
  }

  get text(): string {
    return this.getAttribute("text") ?? this.fetched?.text ?? this.textContent?.trim() ?? "";
  }

  set text(value: string) {
    this.setAttribute("text", value);
  }

  /** 0 to 1, a factor of the amplitude; heard at once. */
  get volume(): number {
    const value = Number.parseFloat(this.getAttribute("volume") ?? "1");
    return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 1;
  }

  set volume(value: number) {
    this.setAttribute("volume", String(value));
  }

  get muted(): boolean {
    return this.hasAttribute("muted");
  }

  set muted(value: boolean) {
    this.toggleAttribute("muted", value);
  }

  get playing(): boolean {
    return this.state === "playing";
  }

  get paused(): boolean {
    return this.state === "paused";
  }

  /** Speaks from the beginning, or goes on where it was paused. Call it from a click or key handler. */
  async play(): Promise<void> {
    if (this.state === "paused") {
      this.queue?.resume();
      return;
    }
    if (this.state !== "idle") return;
    this.enter("loading");
    try {
      const tts = await sharedEngine();
      this.tell("qingsheng-ready");
      this.content = await this.load();
      // Stopped while it was loading.
      if (this.isLoading()) this.start(tts);
    } catch (error) {
      this.fail(error);
    }
  }

  private isLoading(): boolean {
    return this.state === "loading";
  }

  pause(): void {
    this.queue?.pause();
  }

  stop(): void {
    const { queue } = this;
    this.queue = undefined;
    queue?.stop();
    if (this.state === "idle") return;
    this.enter("idle");
    this.tell("qingsheng-end");
  }

  private toggle(): void {
    if (this.state === "playing") this.pause();
    else void this.play();
  }

  private options(): SpeechOptions {
    const number = (name: string) => {
      const value = Number.parseFloat(this.getAttribute(name) ?? "");
      return Number.isFinite(value) ? value : undefined;
    };
    const [voice, style] = [this.getAttribute("voice"), this.getAttribute("style-id")];
    const [speed, pitch, intensity] = [number("speed"), number("pitch"), number("intensity")];
    return {
      emotion: EMOTIONS.find((name) => name === this.getAttribute("emotion")) ?? "auto",
      ...(voice && { voice }),
      ...(style && { style }),
      ...(speed !== undefined && { speed }),
      ...(pitch !== undefined && { pitch }),
      ...(intensity !== undefined && { intensity }),
    };
  }

  private async load(): Promise<string> {
    const src = this.getAttribute("src");
    if (this.hasAttribute("text") || !src) return this.text;
    if (this.fetched?.src === src) return this.fetched.text;
    // What is no address is not reached either.
    const response = await fetch(src).catch(() => undefined);
    if (!response?.ok) {
      const got = response ? `answered ${response.status}` : "could not be reached";
      throw new QingshengError(
        "network.failed",
        `${src} ${got}.`,
        "Check the address; another site has to allow it (CORS).",
      );
    }
    const blob = await response.blob();
    if (blob.size > MOST_BYTES) {
      throw new QingshengError(
        "text.too_long",
        `${src} has ${blob.size} bytes, at most ${MOST_BYTES} are read.`,
        "Split it.",
      );
    }
    this.fetched = { src, text: await blob.text() };
    return this.fetched.text;
  }

  private start(tts: Qingsheng): void {
    const queue = new ReadingQueue(() => tts, asWritten);
    this.queue = queue;
    this.tts = tts;
    this.loud();
    queue.on("state", (state) => this.queue === queue && this.followed(state));
    queue.on("word", (word) => this.queue === queue && this.spoken(word));
    this.view.text(this.content, undefined);
    queue.start(this.content, this.options());
  }

  /** All players share one engine: only the one that speaks sets how loud. */
  private loud(): void {
    if (this.queue && this.tts) this.tts.volume = this.muted ? 0 : this.volume;
  }

  private followed(state: QueueState): void {
    if (state.kind === "playing") {
      this.tell(this.state === "paused" ? "qingsheng-resume" : "qingsheng-start", undefined, this.state !== "playing");
      this.enter("playing");
    } else if (state.kind === "paused") {
      this.enter("paused");
      this.tell("qingsheng-pause");
    } else if (state.kind === "failed") this.fail(state.error);
    else if (state.kind === "finished" || state.kind === "stopped") this.stop();
  }

  private spoken(word: Span | undefined): void {
    this.view.text(this.content, word);
    if (!word) return;
    this.view.progress(word.stop / Math.max(1, this.content.length));
    const { start, stop } = word;
    this.tell("qingsheng-boundary", { start, stop, text: this.content.slice(start, stop) });
  }

  private fail(thrown: unknown): void {
    const error = thrown instanceof QingshengError ? thrown : new QingshengError("runtime.failed", String(thrown));
    this.queue = undefined;
    this.enter("idle");
    this.view.status(`${this.words().failed}: ${error.message}`);
    this.tell("qingsheng-error", error);
  }

  private tell<Name extends keyof PlayerEvents>(name: Name, detail?: PlayerEvents[Name]["detail"], when = true): void {
    if (when) this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private enter(state: State): void {
    this.state = state;
    this.show();
  }

  private words() {
    const tag = this.closest("[lang]")?.getAttribute("lang") ?? navigator.language;
    return tag.toLowerCase().startsWith("zh") ? WORDS.zh : WORDS.en;
  }

  private show(): void {
    this.dataset.state = this.state;
    const controls = this.getAttribute("controls");
    const shown = controls === null || controls === "" ? ["play", "stop", "progress", "mute"] : controls.split(/\s+/);
    this.view.show(this.state, this.words(), shown, this.hasAttribute("show-text"));
    this.view.mute(this.muted, this.words());
    if (this.state === "idle") this.view.text(this.text, undefined);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "qingsheng-player": QingshengPlayer;
  }
  interface HTMLElementEventMap extends PlayerEvents {}
}

if (globalThis.customElements && !customElements.get("qingsheng-player")) {
  customElements.define("qingsheng-player", QingshengPlayer);
}
