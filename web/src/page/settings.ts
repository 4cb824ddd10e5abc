/** Voice, speed and pitch. */
import type { SpeechOptions, Voice } from "../protocol.ts";
import { element } from "./dom.ts";
import { semitones } from "./texts.ts";

export class Settings {
  private readonly voice = element("voice", HTMLSelectElement);
  private readonly speed = element("speed", HTMLInputElement);
  private readonly pitch = element("pitch", HTMLInputElement);
  private readonly speedValue = element("speed-value", HTMLOutputElement);
  private readonly pitchValue = element("pitch-value", HTMLOutputElement);
  private voices: readonly Voice[] = [];

  constructor(onChange: (options: SpeechOptions) => void) {
    for (const input of [this.voice, this.speed, this.pitch]) input.addEventListener("input", () => this.show());
    for (const input of [this.voice, this.speed, this.pitch]) {
      input.addEventListener("change", () => onChange(this.options()));
    }
    this.show();
  }

  list(voices: readonly Voice[], chosen: string): void {
    const selected = this.voice.value || chosen;
    const options = voices.map((voice) => new Option(label(voice), voice.id, false, voice.id === selected));
    this.voice.replaceChildren(...options);
    this.voice.disabled = voices.length === 0;
    this.voices = voices;
    this.show();
  }

  /** Without what the voice cannot follow. */
  options(): SpeechOptions {
    return {
      ...(this.voice.value && { voice: this.voice.value }),
      ...(!this.speed.disabled && { speed: this.speed.valueAsNumber }),
      ...(!this.pitch.disabled && { pitch: this.pitch.valueAsNumber }),
    };
  }

  private show(): void {
    const controls = this.voices.find(({ id }) => id === this.voice.value)?.controls;
    this.speed.disabled = !(controls?.includes("speed") ?? true);
    this.pitch.disabled = !(controls?.includes("pitch") ?? true);
    this.speedValue.textContent = `${this.speed.valueAsNumber.toFixed(2)}×`;
    this.pitchValue.textContent = semitones(this.pitch.valueAsNumber);
  }
}

/** A speaker's name often begins with the pack's. */
function label({ name, speaker }: Voice): string {
  if (!speaker) return name;
  return speaker.startsWith(name) ? speaker : `${name} · ${speaker}`;
}
