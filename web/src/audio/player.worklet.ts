/** The player in the audio thread: one per stretch of speech, fed through shared memory or its message port. */
import { type FromPlayer, PLAYER_NAME, type PlayerOptions, type ToPlayer } from "./messages.ts";
import { SampleQueue } from "./sample-queue.ts";
import { SampleRing } from "./sample-ring.ts";

// The worklet's globals are in no TypeScript library.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions?: PlayerOptions }) => AudioWorkletProcessor,
): void;

/** Render quanta of 128 samples between two reports: 21 ms at 24 kHz. */
const REPORT_EVERY = 4;
/** Per sample; pausing and stopping fade over 4 ms instead of clicking. */
const FADE_STEP = 1 / 64;

type Mode = "playing" | "pausing" | "paused" | "stopping";

class Player extends AudioWorkletProcessor {
  private readonly queue = new SampleQueue();
  private readonly ring: SampleRing | undefined;
  /** Paused until it is told to begin: samples may come long before. */
  private mode: Mode = "paused";
  private gain = 1;
  private ended = false;
  private endAt = Number.POSITIVE_INFINITY;
  private finished = false;
  private dry = false;
  private played = 0;
  private underruns = 0;
  private quanta = 0;

  constructor({ processorOptions }: { processorOptions?: PlayerOptions }) {
    super();
    if (processorOptions?.ring) this.ring = new SampleRing(processorOptions.ring);
    this.port.onmessage = ({ data }: MessageEvent<ToPlayer>) => this.receive(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (this.finished || !output) return !this.finished;
    if (this.mode === "paused") return true;
    this.render(output);
    this.quanta += 1;
    // The last word before a pause: in it nothing changes.
    if (this.quanta % REPORT_EVERY === 0 || this.resting()) this.post("position");
    return !this.finished;
  }

  private resting(): boolean {
    return this.mode === "paused";
  }

  private receive(message: ToPlayer): void {
    switch (message.type) {
      case "push":
        this.queue.push(message.samples);
        break;
      case "end":
        this.ended = true;
        break;
      case "endAt":
        this.endAt = message.sample;
        break;
      case "pause":
        if (this.mode === "playing") this.mode = "pausing";
        break;
      case "resume":
        if (this.mode !== "stopping") this.mode = "playing";
        break;
      case "stop":
        if (this.mode === "paused") this.finish();
        this.mode = "stopping";
        break;
    }
  }

  private render(output: Float32Array): void {
    const wanted = Math.min(output.length, this.endAt - this.played);
    const count = wanted > 0 ? (this.ring ?? this.queue).pull(output.subarray(0, wanted)) : 0;
    this.played += count;
    this.applyGain(output);
    if (this.mode === "stopping" && (this.gain === 0 || count === 0)) this.finish();
    else if (this.mode === "pausing" && (this.gain === 0 || count === 0)) this.mode = "paused";
    else if (this.played >= this.endAt) this.finish();
    else if (count < output.length) this.ranDry();
    else this.dry = false;
  }

  private applyGain(output: Float32Array): void {
    const target = this.mode === "playing" ? 1 : 0;
    if (this.gain === target) return;
    const step = target > this.gain ? FADE_STEP : -FADE_STEP;
    for (let i = 0; i < output.length; i++) {
      this.gain = Math.min(1, Math.max(0, this.gain + step));
      output[i] = (output[i] ?? 0) * this.gain;
    }
  }

  private ranDry(): void {
    if (this.ended) {
      this.finish();
    } else if (!this.dry && this.played > 0) {
      this.dry = true;
      this.underruns += 1;
    }
  }

  private finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.post("done");
  }

  private post(type: FromPlayer["type"]): void {
    const message: FromPlayer = { type, played: this.played, underruns: this.underruns };
    this.port.postMessage(message);
  }
}

registerProcessor(PLAYER_NAME, Player);
