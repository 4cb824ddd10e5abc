/** How loud, and silence at once: remembered on the device. */
import { button, element, say } from "./dom.ts";
import { onLanguage, t } from "./language.ts";
import { readJson, writeJson } from "./storage.ts";

const KEY = "volume";

export interface Loudness {
  /** 0 to 1, as the slider stands. */
  readonly level: number;
  readonly muted: boolean;
}

/** A loudness out of anything, such as storage. */
export function parseLoudness(value: unknown): Loudness {
  const { level, muted } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const known = typeof level === "number" && level >= 0 && level <= 1;
  return { level: known ? level : 1, muted: muted === true };
}

/** The slider's way is one of loudness, not of amplitude: the square of it comes near enough (-12 dB in the middle). */
export function amplitude({ level, muted }: Loudness): number {
  return muted ? 0 : level * level;
}

export class VolumeControl {
  private readonly slider = element("volume", HTMLInputElement);
  private readonly value = element("volume-value", HTMLOutputElement);
  private readonly icon = element("mute-icon", SVGUseElement);
  private readonly mute = button("mute", () => this.toggle());
  private loudness = parseLoudness(readJson(KEY));

  /** onChange: the amplitude, 0 to 1. */
  constructor(private readonly onChange: (amplitude: number) => void) {
    this.slider.addEventListener("input", () => this.set({ level: this.slider.valueAsNumber, muted: false }));
    onLanguage(() => this.show());
    this.show();
  }

  get amplitude(): number {
    return amplitude(this.loudness);
  }

  toggle(): void {
    const { level, muted } = this.loudness;
    // Who turned the slider down to nothing and presses the button wants to hear.
    this.set(level === 0 ? { level: 0.5, muted: false } : { level, muted: !muted });
  }

  private set(loudness: Loudness): void {
    this.loudness = loudness;
    writeJson(KEY, loudness);
    this.show();
    this.onChange(this.amplitude);
  }

  private show(): void {
    const { level, muted } = this.loudness;
    const silent = muted || level === 0;
    const label = t(silent ? "volume.unmute" : "volume.mute");
    this.slider.valueAsNumber = level;
    say(this.slider, this.value, silent ? t("volume.muted") : `${Math.round(level * 100)}%`);
    this.mute.setAttribute("aria-label", label);
    this.mute.title = label;
    this.mute.dataset.silent = String(silent);
    this.icon.setAttribute("href", silent ? "#icon-mute" : "#icon-sound");
  }
}
