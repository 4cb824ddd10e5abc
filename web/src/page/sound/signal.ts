/** The sound as a picture: waveform, melody and words of the sentence that sounds, and its syllables to drag. */
import type { Chunk, Span } from "../../protocol.ts";
import { create, element } from "../dom.ts";
import { onLanguage, t } from "../language.ts";
import type { Part } from "../queue.ts";
import { MAX_SEMITONES } from "./pitch-edits.ts";
import { type TimedSyllable, timedSyllables } from "./syllables.ts";

interface Clip {
  readonly chunk: Chunk;
  readonly part: Part;
  readonly begin: number;
  readonly seconds: number;
  readonly syllables: readonly TimedSyllable[];
}

export interface SignalEvents {
  /** Semitones that the character has now. */
  pitchOf(span: Span): number;
  /** span: of the whole text. clip: the span of the sentence, to hear it again. */
  onPitch(span: Span, semitones: number, clip: Span): void;
}

const KEPT_CLIPS = 40;
const HEAD_PIXELS = 2;
const SEMITONE_PIXELS = 3;
const COMMIT_MS = 500;

export class SignalView {
  private readonly box = element("signal", HTMLElement);
  private readonly canvas = element("signal-picture", HTMLCanvasElement);
  private readonly head = element("signal-head", HTMLElement);
  private readonly handles = element("signal-syllables", HTMLElement);
  private clips: Clip[] = [];
  private shown: Clip | undefined;
  /** How far the voice is in it, 0 to 1. */
  private share = 0;
  private committing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: SignalEvents) {
    new ResizeObserver(() => this.draw()).observe(this.box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    onLanguage(() => this.layHandles());
  }

  begin(): void {
    this.clips = [];
  }

  /** Another text: its sound was not made yet. */
  clear(): void {
    this.clips = [];
    this.show(undefined);
  }

  add(chunk: Chunk, part: Part): void {
    // Other options in mid-speech: what was made with the old ones from here on is not heard.
    this.clips = this.clips.filter((clip) => clip.part !== part || clip.chunk.span.start < chunk.span.start);
    const last = this.clips.at(-1);
    const begin = last && last.part === part ? last.begin + last.seconds : 0;
    const seconds = chunk.samples.length / chunk.sampleRate;
    const syllables = timedSyllables(part.spoken, chunk.words, chunk.phones);
    this.clips = [...this.clips, { chunk, part, begin, seconds, syllables }].slice(-KEPT_CLIPS);
    if (!this.shown) this.show(this.clips[0]);
  }

  at(seconds: number, part: Part): void {
    const clip = this.clips.findLast((one) => one.part === part && one.begin <= seconds);
    if (!clip) return;
    if (clip !== this.shown) this.show(clip);
    this.share = Math.min(1, (seconds - clip.begin) / clip.seconds);
    this.placeHead();
  }

  private placeHead(): void {
    this.head.style.transform = `translateX(${this.share * (this.box.clientWidth - HEAD_PIXELS)}px)`;
  }

  redraw(): void {
    this.draw();
  }

  private show(clip: Clip | undefined): void {
    this.shown = clip;
    this.box.dataset.empty = String(clip === undefined);
    this.draw();
    this.layHandles();
  }

  private draw(): void {
    const context = this.canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = this.box;
    if (!context || width === 0) return;
    this.placeHead();
    const ratio = devicePixelRatio;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    context.scale(ratio, ratio);
    if (!this.shown) return;
    const style = getComputedStyle(this.box);
    drawWave(context, this.shown, width, height, style.getPropertyValue("--wave"));
    drawPitch(context, this.shown, width, height, style.getPropertyValue("--accent"));
    drawWords(context, this.shown, width, height, style);
  }

  /** One slider a syllable, where the engine says when its phones sound. */
  private layHandles(): void {
    const clip = this.shown;
    const scale = clip && pitchScale(clip);
    this.handles.replaceChildren();
    if (!clip || !scale) return;
    for (const syllable of clip.syllables) {
      const hertz = meanHertz(clip, syllable);
      if (hertz > 0) this.handles.append(this.handle(clip, syllable, scale(hertz)));
    }
    const first = this.handles.querySelector<HTMLElement>("[role=slider]");
    if (first) first.tabIndex = 0;
  }

  private handle(clip: Clip, syllable: TimedSyllable, height: number): HTMLElement {
    const span = { start: clip.part.back(syllable.start), stop: clip.part.back(syllable.stop) };
    const made = create("div", "", "syllable");
    const dot = create("span", "", "dot");
    made.append(dot);
    made.role = "slider";
    made.tabIndex = -1;
    made.style.left = `${(syllable.begin / clip.seconds) * 100}%`;
    made.style.width = `${((syllable.end - syllable.begin) / clip.seconds) * 100}%`;
    dot.style.top = `${height * 100}%`;
    made.setAttribute("aria-label", t("curve.syllable", { text: syllable.text }));
    made.setAttribute("aria-orientation", "vertical");
    made.setAttribute("aria-valuemin", String(-MAX_SEMITONES));
    made.setAttribute("aria-valuemax", String(MAX_SEMITONES));
    const drag = new PitchDrag(made, dot, this.events.pitchOf(span), (semitones, now) =>
      this.dragged(span, semitones, clip, now),
    );
    made.addEventListener("keydown", (event) => this.pressed(event, made, drag));
    return made;
  }

  private dragged(span: Span, semitones: number, { chunk, part }: Clip, now: boolean): void {
    clearTimeout(this.committing);
    const sentence = { start: part.back(chunk.span.start), stop: part.back(chunk.span.stop) };
    const commit = () => this.events.onPitch(span, semitones, sentence);
    if (now) commit();
    else this.committing = setTimeout(commit, COMMIT_MS);
  }

  private pressed(event: KeyboardEvent, handle: HTMLElement, drag: PitchDrag): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = [...this.handles.querySelectorAll<HTMLElement>("[role=slider]")];
    const next = all[all.indexOf(handle) + (event.key === "ArrowRight" ? 1 : -1)];
    const by: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 3, PageDown: -3 };
    const step = by[event.key];
    if (step !== undefined) drag.step(step);
    else if (event.key === "Home" || event.key === "0") drag.reset();
    else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && next) {
      handle.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else return;
    event.preventDefault();
  }
}

/** The pitch of one syllable in the hand of its reader. */
class PitchDrag {
  private grabbed: { readonly y: number; readonly from: number } | undefined;

  constructor(
    private readonly handle: HTMLElement,
    private readonly dot: HTMLElement,
    private semitones: number,
    private readonly onChange: (semitones: number, now: boolean) => void,
  ) {
    this.say(semitones);
    handle.addEventListener("pointerdown", (event) => this.grab(event));
    handle.addEventListener("pointermove", (event) => this.move(event));
    handle.addEventListener("pointerup", () => this.drop());
    handle.addEventListener("pointercancel", () => this.drop());
    handle.addEventListener("dblclick", () => this.reset());
  }

  step(by: number): void {
    this.to(this.semitones + by);
    this.onChange(this.semitones, false);
  }

  reset(): void {
    this.to(0);
    this.onChange(0, true);
  }

  private grab(event: PointerEvent): void {
    this.grabbed = { y: event.clientY, from: this.semitones };
    this.handle.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    if (this.grabbed) this.to(this.grabbed.from + (this.grabbed.y - event.clientY) / SEMITONE_PIXELS);
  }

  private drop(): void {
    const { grabbed } = this;
    this.grabbed = undefined;
    if (grabbed && grabbed.from !== this.semitones) this.onChange(this.semitones, true);
  }

  private to(semitones: number): void {
    const before = this.semitones;
    this.semitones = Math.round(Math.min(MAX_SEMITONES, Math.max(-MAX_SEMITONES, semitones)) * 2) / 2;
    this.dot.style.translate = `0 ${(Number(this.dot.dataset.shift ?? 0) + before - this.semitones) * SEMITONE_PIXELS}px`;
    this.dot.dataset.shift = String(Number(this.dot.dataset.shift ?? 0) + before - this.semitones);
    this.say(this.semitones);
  }

  private say(semitones: number): void {
    this.handle.setAttribute("aria-valuenow", String(semitones));
    const value = `${semitones < 0 ? "−" : "+"}${Math.abs(semitones)}`;
    this.handle.setAttribute("aria-valuetext", semitones === 0 ? t("pitch.plain") : t("pitch.semitones", { value }));
    this.handle.toggleAttribute("data-moved", semitones !== 0);
  }
}

const WORDS_HEIGHT = 18;

function drawWave(context: CanvasRenderingContext2D, clip: Clip, width: number, height: number, colour: string): void {
  const { samples } = clip.chunk;
  const room = height - WORDS_HEIGHT;
  const middle = room / 2;
  const bar = 3;
  const each = (samples.length / width) * bar;
  const peak = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0.05);
  context.fillStyle = colour;
  for (let x = 0; x < width; x += bar) {
    let most = 0;
    const stop = Math.min(samples.length, Math.floor((x / bar + 1) * each));
    for (let i = Math.floor((x / bar) * each); i < stop; i += 4) most = Math.max(most, Math.abs(samples[i] ?? 0));
    const half = Math.max(0.5, (most / peak) * (middle - 4));
    context.fillRect(x, middle - half, bar - 1, half * 2);
  }
}

function drawPitch(context: CanvasRenderingContext2D, clip: Clip, width: number, height: number, colour: string): void {
  const { pitch } = clip.chunk;
  const scale = pitchScale(clip);
  if (!scale) return;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  let drawing = false;
  for (let i = 0; i < pitch.hertz.length; i++) {
    const hertz = pitch.hertz[i] ?? 0;
    const x = ((i * pitch.step) / clip.seconds) * width;
    if (hertz <= 0) drawing = false;
    else if (drawing) context.lineTo(x, scale(hertz) * height);
    else {
      context.moveTo(x, scale(hertz) * height);
      drawing = true;
    }
  }
  context.stroke();
}

function drawWords(
  context: CanvasRenderingContext2D,
  clip: Clip,
  width: number,
  height: number,
  style: CSSStyleDeclaration,
): void {
  context.fillStyle = style.getPropertyValue("--faint");
  context.font = `12px ${style.getPropertyValue("--serif")}`;
  context.textAlign = "center";
  for (const { begin, end, text } of clip.chunk.words) {
    const room = ((end - begin) / clip.seconds) * width;
    if (context.measureText(text).width > room + 6) continue;
    context.fillText(text, ((begin + end) / 2 / clip.seconds) * width, height - 4);
  }
}

/** From hertz to a share of the picture's height, logarithmic; undefined where nothing is voiced. */
function pitchScale({ chunk }: Clip): ((hertz: number) => number) | undefined {
  const voiced = Array.from(chunk.pitch.hertz).filter((hertz) => hertz > 0);
  if (voiced.length === 0) return undefined;
  const low = Math.log(Math.min(...voiced) * 0.94);
  const high = Math.log(Math.max(...voiced) * 1.06);
  return (hertz) => 0.06 + 0.66 * ((high - Math.log(hertz)) / (high - low));
}

function meanHertz({ chunk }: Clip, { begin, end }: TimedSyllable): number {
  const { pitch } = chunk;
  const voiced = [];
  for (let i = Math.ceil(begin / pitch.step); i < end / pitch.step; i++) {
    const hertz = pitch.hertz[i] ?? 0;
    if (hertz > 0) voiced.push(hertz);
  }
  return voiced.reduce((sum, hertz) => sum + hertz, 0) / Math.max(1, voiced.length);
}
