/** Voice, speed and pitch: chosen, remembered on the device. */
import type { SpeechOptions, Voice } from "../protocol.ts";
import { element, say } from "./dom.ts";
import { onLanguage, t } from "./language.ts";
import { readJson, writeJson } from "./storage.ts";
import { parseSettings, type VoiceSettings } from "./voice-settings.ts";

const KEY = "settings";

export class Settings {
  private readonly voice = element("voice", HTMLSelectElement);
  private readonly speed = element("speed", HTMLInputElement);
  private readonly pitch = element("pitch", HTMLInputElement);
  private readonly speedValue = element("speed-value", HTMLOutputElement);
  private readonly pitchValue = element("pitch-value", HTMLOutputElement);
  private voices: readonly Voice[] = [];
  private wanted: string | undefined;

  constructor(onChange: (options: SpeechOptions) => void) {
    for (const input of [this.voice, this.speed, this.pitch]) input.addEventListener("input", () => this.show());
    for (const input of [this.voice, this.speed, this.pitch]) {
      input.addEventListener("change", () => {
        this.wanted = this.voice.value || this.wanted;
        writeJson(KEY, this.values());
        onChange(this.options());
      });
    }
    onLanguage(() => this.show());
    this.set(parseSettings(readJson(KEY)));
  }

  set({ voice, speed, pitch }: VoiceSettings): void {
    this.wanted = voice ?? this.wanted;
    if (speed !== undefined) this.speed.valueAsNumber = speed;
    if (pitch !== undefined) this.pitch.valueAsNumber = pitch;
    if (voice !== undefined && this.voices.some(({ id }) => id === voice)) this.voice.value = voice;
    this.show();
  }

  /** The voice that was chosen cannot be had; this one speaks on. */
  back(voice: string): void {
    this.set({ voice });
    writeJson(KEY, this.values());
  }

  values(): VoiceSettings {
    return {
      ...(this.wanted !== undefined && { voice: this.wanted }),
      speed: this.speed.valueAsNumber,
      pitch: this.pitch.valueAsNumber,
    };
  }

  list(voices: readonly Voice[], chosen: string): void {
    const asked = this.voice.value || this.wanted;
    const selected = voices.some(({ id }) => id === asked) ? asked : chosen;
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
    say(this.speed, this.speedValue, `${this.speed.valueAsNumber.toFixed(2)}×`);
    say(this.pitch, this.pitchValue, semitones(this.pitch.valueAsNumber));
  }
}

function semitones(value: number): string {
  if (value === 0) return t("pitch.plain");
  return t("pitch.semitones", { value: `${value > 0 ? "+" : "−"}${Math.abs(value)}` });
}

/** A speaker's name often begins with the pack's. */
function label({ name, speaker }: Voice): string {
  if (!speaker) return name;
  return speaker.startsWith(name) ? speaker : `${name} · ${speaker}`;
}
