/** How it is to feel: inferred from the text, one emotion, or a mixture; and how strongly. */
import { EMOTIONS, type SpeechOptions } from "../../protocol.ts";
import { button, element, say } from "../dom.ts";
import { onLanguage, t } from "../language.ts";
import { readJson, writeJson } from "../storage.ts";
import { placeOf } from "./circumplex.ts";
import { type Feeling, parseFeeling, type Wish } from "./feeling.ts";
import { EmotionPad, mixtureText } from "./pad.ts";

const KEY = "emotion";

export class EmotionControls {
  private readonly chips = (["auto", ...EMOTIONS] as const).map((name) => ({
    name,
    chip: button(`emotion-${name}`, () => this.choose(name)),
  }));
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
    onLanguage(() => this.show());
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
    for (const { name, chip } of this.chips) chip.setAttribute("aria-pressed", String(name === emotion));
    this.slider.valueAsNumber = intensity;
    say(this.slider, this.value, `${Math.round(intensity * 100)}%`);
    const mixture = typeof emotion === "object" ? emotion : undefined;
    this.mixture.textContent = mixture
      ? mixtureText(mixture)
      : t(emotion === "auto" ? "emotion.inferred" : "emotion.one");
    const named = typeof emotion === "string" && emotion !== "auto" ? { [emotion]: 1 } : { neutral: 1 };
    // Where the point was dropped it stays.
    if (!mixture) this.pad.show(placeOf(named));
  }
}
