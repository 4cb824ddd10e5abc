/** The two sounds of a trial: made by the engine or fetched, brought to one loudness, played. */
import { Qingsheng } from "../index.ts";
import { clip, ROOT, SIDES, type Side, type Source, type Trial } from "./api.ts";
import { loudness, matchingGains } from "./loudness.ts";

export type Sounds = Readonly<Record<Side, AudioBuffer>>;

export class SoundMaker {
  private readonly context = new AudioContext();
  private engine: Promise<Qingsheng> | undefined;
  private playing: AudioBufferSourceNode | undefined;

  constructor(
    private readonly user: string,
    private readonly onProgress: (share: number) => void,
  ) {}

  /** Both sounds of a trial; the softer one as it is, the other lowered to its loudness. */
  async make(scenario: string, trial: Trial): Promise<Sounds> {
    const sounds: AudioBuffer[] = [];
    for (const side of SIDES) sounds.push(await this.sound(scenario, trial, side, trial[side]));
    const gains = matchingGains(sounds.map((sound) => loudness(sound.getChannelData(0), sound.sampleRate)));
    const [left, right] = sounds.map((sound, at) => scaled(sound, gains[at] ?? 1));
    if (!left || !right) throw new Error("a trial has two sides");
    return { left, right };
  }

  /** Resolves when it has been played to the end (true), or was stopped (false). */
  async play(sound: AudioBuffer): Promise<boolean> {
    this.stop();
    await this.context.resume();
    const source = new AudioBufferSourceNode(this.context, { buffer: sound });
    this.playing = source;
    source.connect(this.context.destination);
    const ended = new Promise((resolve) => source.addEventListener("ended", resolve, { once: true }));
    source.start();
    await ended;
    const whole = this.playing === source;
    if (whole) this.playing = undefined;
    return whole;
  }

  stop(): void {
    const source = this.playing;
    this.playing = undefined;
    source?.stop();
  }

  private async sound(scenario: string, trial: Trial, side: Side, source: Source): Promise<AudioBuffer> {
    if (!("options" in source)) {
      const decoded = await this.context.decodeAudioData(await clip(scenario, this.user, trial.item, side));
      return this.mono(decoded);
    }
    const tts = await this.load();
    const { style } = source.options;
    if (style) await this.ensureStyle(tts, style);
    const parts: Float32Array[] = [];
    let sampleRate = 0;
    for await (const chunk of tts.stream(trial.text, source.options)) {
      parts.push(chunk.samples);
      sampleRate = chunk.sampleRate;
    }
    const sound = this.context.createBuffer(1, Math.max(1, total(parts)), sampleRate);
    let at = 0;
    for (const part of parts) {
      sound.copyToChannel(Float32Array.from(part), 0, at);
      at += part.length;
    }
    return sound;
  }

  private load(): Promise<Qingsheng> {
    this.engine ??= Qingsheng.load({
      baseUrl: ROOT,
      onProgress: (event) => event.kind === "bytes" && this.onProgress(event.loaded / event.total),
    }).catch((error) => {
      this.engine = undefined;
      throw error;
    });
    return this.engine;
  }

  private async ensureStyle(tts: Qingsheng, id: string): Promise<void> {
    if ((await tts.styles()).some((style) => style.id === id)) return;
    const { styles } = await (await fetch(new URL("api/styles", ROOT))).json();
    const record = styles.find((style: { id: string }) => style.id === id);
    if (!record) throw new Error(`the server has no style ${id}`);
    await tts.loadStyle(record, await (await fetch(new URL(record.path, ROOT))).text());
  }

  private mono(sound: AudioBuffer): AudioBuffer {
    if (sound.numberOfChannels === 1) return sound;
    const mixed = this.context.createBuffer(1, sound.length, sound.sampleRate);
    const samples = mixed.getChannelData(0);
    for (let channel = 0; channel < sound.numberOfChannels; channel++) {
      const own = sound.getChannelData(channel);
      for (let at = 0; at < own.length; at++)
        samples[at] = (samples[at] ?? 0) + (own[at] ?? 0) / sound.numberOfChannels;
    }
    return mixed;
  }
}

function total(parts: readonly Float32Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function scaled(sound: AudioBuffer, gain: number): AudioBuffer {
  const samples = sound.getChannelData(0);
  for (let at = 0; at < samples.length; at++) samples[at] = (samples[at] ?? 0) * gain;
  return sound;
}
