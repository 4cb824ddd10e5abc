/** What `<qingsheng-player>` looks like: its shadow tree, and its words in both languages. */
import type { QingshengError } from "../errors.ts";
import { enErrors, zhErrors } from "../page/texts/errors.ts";
import type { Span } from "../protocol.ts";
import { part } from "./part.ts";
import { PLAYER_STYLE } from "./player-style.ts";
import { TextView } from "./text-view.ts";

export type State = "idle" | "loading" | "playing" | "paused";

export const WORDS = {
  zh: {
    player: "朗读器",
    play: "朗读",
    pause: "暂停",
    resume: "继续",
    stop: "停止",
    mute: "静音",
    unmute: "取消静音",
    loading: "正在准备…",
    failed: "不能朗读：",
    refused: "没有改变：",
    progress: "朗读进度",
    errors: zhErrors,
  },
  en: {
    player: "Speech player",
    play: "Speak",
    pause: "Pause",
    resume: "Resume",
    stop: "Stop",
    mute: "Mute",
    unmute: "Unmute",
    loading: "Preparing…",
    failed: "Cannot speak: ",
    refused: "Not changed: ",
    progress: "Progress",
    errors: enErrors,
  },
} as const;

type Words = (typeof WORDS)["zh" | "en"];

/** The shadow tree. */
export class PlayerView {
  private readonly base = part("div", "base");
  private readonly lines = new TextView();
  private readonly playButton = part("button", "button play");
  private readonly stopButton = part("button", "button stop");
  private readonly muteButton = part("button", "button mute");
  private readonly bar = part("progress", "progress");
  private readonly note = part("p", "status");

  constructor(root: ShadowRoot, onPlay: () => void, onStop: () => void, onMute: () => void) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(PLAYER_STYLE);
    root.adoptedStyleSheets = [sheet];
    const controls = part("div", "controls");
    for (const button of [this.playButton, this.stopButton, this.muteButton]) button.type = "button";
    this.playButton.addEventListener("click", onPlay);
    this.stopButton.addEventListener("click", onStop);
    this.muteButton.addEventListener("click", onMute);
    this.muteButton.append(loudspeaker());
    this.bar.max = 1;
    this.base.role = "group";
    this.note.role = "status";
    controls.append(this.playButton, this.stopButton, this.bar, this.muteButton);
    this.base.append(this.lines.element, controls, this.note);
    root.append(this.base);
  }

  show(state: State, words: Words, controls: readonly string[], withText: boolean): void {
    this.base.setAttribute("aria-label", words.player);
    this.lines.element.hidden = !withText;
    this.playButton.hidden = !controls.includes("play");
    this.stopButton.hidden = !controls.includes("stop");
    this.bar.hidden = !controls.includes("progress");
    this.muteButton.hidden = !controls.includes("mute");
    this.playButton.textContent = state === "playing" ? words.pause : state === "paused" ? words.resume : words.play;
    this.stopButton.textContent = words.stop;
    // Not `disabled`: a button that the keyboard stands on would lose it.
    this.playButton.ariaDisabled = String(state === "loading");
    this.stopButton.ariaDisabled = String(state === "idle");
    this.bar.setAttribute("aria-label", words.progress);
    if (state === "idle") this.bar.value = 0;
    this.status(state === "loading" ? words.loading : "");
  }

  text(content: string): void {
    this.lines.show(content);
  }

  word(word: Span | undefined): void {
    this.lines.word(word);
  }

  mute(muted: boolean, words: Words): void {
    this.muteButton.setAttribute("aria-label", muted ? words.unmute : words.mute);
    this.muteButton.toggleAttribute("data-muted", muted);
  }

  progress(share: number): void {
    this.bar.value = share;
  }

  /** What could not be, in a few words; the rest for who points at it. */
  error(what: "failed" | "refused", { code, message, remedy }: QingshengError, words: Words): void {
    this.status(words[what] + (words.errors[`error.${code}`] ?? words.errors["error.other"]), `${message} ${remedy}`);
  }

  private status(text: string, more = ""): void {
    this.note.textContent = text;
    this.note.title = more;
  }
}

/** With waves, which `data-muted` on the button hides, and a cross, which it shows. */
function loudspeaker(): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, shape] of [
    ["horn", "M5 10v4h3l4 3.5v-11L8 10z"],
    ["waves", "M16 9a4 4 0 0 1 0 6"],
    ["cross", "M16 10l4.5 4M20.5 10L16 14"],
  ] as const) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}
