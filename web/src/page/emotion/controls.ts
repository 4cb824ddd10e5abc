/** How it is to feel: inferred from the text, one emotion, or a mixture; and how strongly. */
import { EMOTIONS, type EmotionName, type SpeechOptions } from "../../protocol.ts";
import { createButton, element } from "../dom.ts";
import { onLanguage, t } from "../language.ts";
import { readJson, writeJson } from "../storage.ts";
import { type Mixture, placeOf } from "./circumplex.ts";
import { EmotionPad, mixtureText } from "./pad.ts";

const KEY = "emotion";
export const MAX_INTENSITY = 1.2;

export type Wish = "auto" | EmotionName | Mixture;

export interface Feeling {
  readonly emotion: Wish;
  readonly intensity: number;
}

const PLAIN: Feeling = { emotion: "auto", intensity: 1 };

/** A feeling out of anything, such as storage or a link. */
export function parseFeeling(value: unknown): Feeling {
  if (typeof value !== "object" || value === null) return PLAIN;
  const { emotion, intensity } = value as Record<string, unknown>;
  const inRange = typeof intensity === "number" && intensity >= 0 && intensity <= MAX_INTENSITY;
  return { emotion: parseWish(emotion), intensity: inRange ? intensity : PLAIN.intensity };
}

function parseWish(value: unknown): Wish {
  if (value === "auto" || EMOTIONS.some((name) => name === value)) return value as Wish;
  if (typeof value !== "object" || value === null) return "auto";
  const weights = EMOTIONS.flatMap((name): [EmotionName, number][] => {
    const weight = (value as Record<string, unknown>)[name];
    return typeof weight === "number" && weight > 0 && weight <= 1 ? [[name, weight]] : [];
  });
  return weights.length > 0 ? Object.fromEntries(weights) : "auto";
}

export class EmotionControls {
  private readonly chips = element("emotions", HTMLElement);
  private readonly slider = element("intensity", HTMLInputElement);
  private readonly value = element("intensity-value", HTMLOutputElement);
  private readonly mixture = element("emotion-mixture", HTMLElement);
  private readonly pad = new EmotionPad((mixture) => this.choose(mixture));
  private feeling = parseFeeling(readJson(KEY));

  constructor(private readonly onChange: (options: SpeechOptions) => void) {
    this.slider.addEventListener("input", () => {
      this.feeling = { ...this.feeling, intensity: this.slider.valueAsNumber };
      this.changed();
    });
    onLanguage(() => this.list());
    this.list();
    this.show();
  }

  values(): Feeling {
    return this.feeling;
  }

  set(feeling: Feeling): void {
    this.feeling = feeling;
    this.show();
  }

  options(): SpeechOptions {
    return { emotion: this.feeling.emotion, intensity: this.feeling.intensity };
  }

  private list(): void {
    const chips = (["auto", ...EMOTIONS] as const).map((name) => {
      const chip = createButton(t(`emotion.${name}`), "chip emotion", () => this.choose(name));
      chip.dataset.emotion = name;
      return chip;
    });
    this.chips.replaceChildren(...chips);
    this.show();
  }

  private choose(emotion: Wish): void {
    this.feeling = { ...this.feeling, emotion };
    this.changed();
  }

  private changed(): void {
    this.show();
    writeJson(KEY, this.feeling);
    this.onChange(this.options());
  }

  private show(): void {
    const { emotion, intensity } = this.feeling;
    for (const chip of this.chips.querySelectorAll<HTMLElement>("button")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.emotion === emotion));
    }
    this.slider.valueAsNumber = intensity;
    this.value.textContent = `${Math.round(intensity * 100)}%`;
    const mixture = typeof emotion === "object" ? emotion : undefined;
    this.mixture.textContent = mixture
      ? mixtureText(mixture)
      : t(emotion === "auto" ? "emotion.inferred" : "emotion.one");
    const named = typeof emotion === "string" && emotion !== "auto" ? { [emotion]: 1 } : { neutral: 1 };
    // Where the point was dropped it stays.
    if (!mixture) this.pad.show(placeOf(named));
  }
}
