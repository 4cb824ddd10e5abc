/**
 * `<qingsheng-player>`: a text with a button that speaks it.
 *
 *     <qingsheng-player emotion="joy" intensity="0.8">太好了！</qingsheng-player>
 *
 * The text is the attribute `text`, else what `src` names (a plain text file), else the element's own text, in which lines end as
 * they do in HTML. The engine is loaded at the first `play()`; all players of a page share it, and one speaks at a time.
 */
import { toQingshengError } from "../errors.ts";
import { type Qingsheng, QingshengError } from "../index.ts";
import { asWritten, type QueueState, ReadingQueue } from "../page/queue.ts";
import type { Span } from "../protocol.ts";
import { sharedEngine } from "./engine.ts";
import { ownText } from "./own-text.ts";
import { PlayerView, type State, WORDS } from "./player-view.ts";
import { isSpokenWith, optionOf, optionsOf, type SpokenWith } from "./spoken-with.ts";

const MOST_BYTES = 4 << 20;
/** May have been set before the element was defined: then they hide the accessors. */
const PROPERTIES = ["text", "volume", "muted"] as const;

/** The element's events; they bubble and cross shadow roots. */
export interface PlayerEvents {
  /** The engine is there. */
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
  /** Counts what was begun, so that what is late for one does not begin another. */
  private attempt = 0;
  /** Attributes that were set, for the end of the script that sets them. */
  private readonly changed = new Set<SpokenWith>();
  private readonly written: MutationObserver;
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
    this.written = new MutationObserver(() => this.rewritten());
  }

  connectedCallback(): void {
    for (const name of PROPERTIES) if (Object.hasOwn(this, name)) this.upgrade(name);
    // Also what the parser, or a framework, puts in only now.
    this.written.observe(this, { childList: true, characterData: true, subtree: true });
    this.show();
  }

  /** `moveBefore` moves it in mid-speech. */
  connectedMoveCallback(): void {
    this.show();
  }

  disconnectedCallback(): void {
    this.written.disconnect();
    this.stop();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    if (name === "text" || name === "src") this.stop();
    else if (name === "volume" || name === "muted") this.loud();
    this.show();
    if (isSpokenWith(name)) this.changeSoon(name);
  }

  get text(): string {
    const { fetched } = this;
    const source = fetched && fetched.src === this.getAttribute("src") ? fetched.text : undefined;
    return this.getAttribute("text") ?? source ?? ownText(this);
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
    this.attempt += 1;
    const { attempt } = this;
    this.enter("loading");
    try {
      const tts = await sharedEngine();
      if (attempt !== this.attempt) return;
      this.tell("qingsheng-ready");
      const content = await this.load();
      if (attempt === this.attempt) this.start(tts, content);
    } catch (error) {
      if (attempt === this.attempt) this.fail(error);
    }
  }

  pause(): void {
    this.queue?.pause();
  }

  stop(): void {
    const { queue } = this;
    this.attempt += 1;
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

  /** An attribute that is set twice is one change; each attribute is one of its own, so that a wrong one spoils no other. */
  private changeSoon(name: SpokenWith): void {
    const { queue } = this;
    if (!queue) return;
    if (this.changed.size === 0) queueMicrotask(() => this.change(queue));
    this.changed.add(name);
  }

  private change(queue: ReadingQueue): void {
    const names = [...this.changed];
    this.changed.clear();
    if (this.queue !== queue) return;
    for (const name of names) {
      try {
        queue.change(optionOf(this, name));
      } catch (error) {
        this.refuse(toQingshengError(error));
      }
    }
  }

  /** Its own text became another one. */
  private rewritten(): void {
    if (this.hasAttribute("text") || this.hasAttribute("src")) return;
    if (this.state !== "idle" && this.queue && this.text !== this.content) this.stop();
    this.show();
  }

  private upgrade<Name extends (typeof PROPERTIES)[number]>(name: Name): void {
    const value: QingshengPlayer[Name] = this[name];
    Reflect.deleteProperty(this, name);
    (this as QingshengPlayer)[name] = value;
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

  private start(tts: Qingsheng, content: string): void {
    const queue = new ReadingQueue(() => tts, asWritten);
    this.queue = queue;
    this.tts = tts;
    this.loud();
    this.content = content;
    queue.on("refused", ({ error }) => this.queue === queue && this.refuse(error));
    queue.on("state", (state) => this.queue === queue && this.followed(state));
    queue.on("word", (word) => this.queue === queue && this.spoken(word));
    this.view.text(this.content);
    queue.start(this.content, optionsOf(this));
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
    this.view.word(word);
    if (!word) return;
    this.view.progress(word.stop / Math.max(1, this.content.length));
    const { start, stop } = word;
    this.tell("qingsheng-boundary", { start, stop, text: this.content.slice(start, stop) });
  }

  private fail(thrown: unknown): void {
    const error = toQingshengError(thrown);
    this.attempt += 1;
    this.queue = undefined;
    this.enter("idle");
    this.view.error("failed", error, this.words());
    this.tell("qingsheng-error", error);
  }

  /** A change that cannot be: it speaks on as before. */
  private refuse(error: QingshengError): void {
    this.view.error("refused", error, this.words());
    this.tell("qingsheng-error", error);
  }

  private tell<Name extends keyof PlayerEvents>(name: Name, detail?: PlayerEvents[Name]["detail"], when = true): void {
    if (when) this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private enter(state: State): void {
    this.state = state;
    this.show();
  }

  /** Of the nearest element that says its language, also outside of shadow trees. */
  private words() {
    let inside: Element = this;
    let found = inside.closest("[lang]");
    for (let root = inside.getRootNode(); !found && root instanceof ShadowRoot; root = inside.getRootNode()) {
      inside = root.host;
      found = inside.closest("[lang]");
    }
    const tag = found?.getAttribute("lang") ?? navigator.language;
    return tag.toLowerCase().startsWith("zh") ? WORDS.zh : WORDS.en;
  }

  private show(): void {
    this.dataset.state = this.state;
    const controls = this.getAttribute("controls");
    const shown = controls === null || controls === "" ? ["play", "stop", "progress", "mute"] : controls.split(/\s+/);
    this.view.show(this.state, this.words(), shown, this.hasAttribute("show-text"));
    this.view.mute(this.muted, this.words());
    if (this.state === "idle") this.view.text(this.text);
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
