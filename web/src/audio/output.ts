/** The page's one AudioContext, at the sample rate of the voice that speaks, and players in it. */
import { QingshengError } from "../errors.ts";
import { type FromPlayer, PLAYER_NAME, SAMPLE_RATE, type ToPlayer } from "./messages.ts";
import playerUrl from "./player.worklet.ts?worker&url";
import { resample } from "./resample.ts";
import type { Sound } from "./wav.ts";

export interface PlayerEvents {
  onPosition(seconds: number, underruns: number): void;
  onDone(): void;
}

export class AudioOutput {
  private context: AudioContext | undefined;
  private ready: Promise<AudioContext> | undefined;

  /**
   * To be called while the user's gesture is being handled: browsers start sound at no other time. Whatever still
   * plays at another rate ends.
   */
  unlock(sampleRate = this.context?.sampleRate ?? SAMPLE_RATE): void {
    if (typeof AudioContext === "undefined") return;
    if (this.context && this.context.sampleRate !== sampleRate) this.close().catch(() => undefined);
    this.context ??= new AudioContext({ sampleRate, latencyHint: "interactive" });
    if (this.context.state !== "running") this.context.resume().catch(() => undefined);
  }

  /** Loads the player's code ahead of the first sound. */
  async prepare(): Promise<void> {
    await this.prepared();
  }

  async player(sampleRate: number, events: PlayerEvents): Promise<Player> {
    this.unlock(sampleRate);
    return new Player(await this.prepared(), events);
  }

  async close(): Promise<void> {
    const { context } = this;
    this.context = undefined;
    this.ready = undefined;
    await context?.close();
  }

  /** A failed preparation is forgotten, so that the next attempt begins anew. */
  private prepared(): Promise<AudioContext> {
    if (this.ready) return this.ready;
    const ready = this.load().catch((error) => {
      if (this.ready === ready) this.ready = undefined;
      throw error;
    });
    this.ready = ready;
    return ready;
  }

  private async load(): Promise<AudioContext> {
    this.unlock();
    const { context } = this;
    if (!context?.audioWorklet) {
      throw new QingshengError(
        "audio.failed",
        "This browser offers no AudioWorklet here.",
        "Open the page over https or from localhost, in a current browser; toWav() works without.",
      );
    }
    try {
      await context.audioWorklet.addModule(new URL(playerUrl, import.meta.url).href);
    } catch (error) {
      throw new QingshengError("audio.failed", `The audio player did not load: ${error}.`, "Reload the page.");
    }
    return context;
  }
}

export class Player {
  private readonly node: AudioWorkletNode;

  constructor(
    private readonly context: AudioContext,
    events: PlayerEvents,
  ) {
    this.node = new AudioWorkletNode(context, PLAYER_NAME, { numberOfInputs: 0, outputChannelCount: [1] });
    this.node.port.onmessage = ({ data }: MessageEvent<FromPlayer>) => {
      events.onPosition(Math.max(0, data.played / context.sampleRate - this.latency()), data.underruns);
      if (data.type === "done") {
        this.node.disconnect();
        events.onDone();
      }
    };
    this.node.connect(context.destination);
  }

  /** Takes a copy. */
  push({ samples, sampleRate }: Sound): void {
    const own = resample(samples, sampleRate, this.context.sampleRate);
    this.send({ type: "push", samples: own }, [own.buffer]);
  }

  end(): void {
    this.send({ type: "end" });
  }

  pause(): void {
    this.send({ type: "pause" });
  }

  resume(): void {
    if (this.context.state !== "running") this.context.resume().catch(() => undefined);
    this.send({ type: "resume" });
  }

  stop(): void {
    this.send({ type: "stop" });
  }

  /** Seconds between the audio thread and the ear. */
  private latency(): number {
    return this.context.outputLatency || this.context.baseLatency || 0;
  }

  private send(message: ToPlayer, transfer: Transferable[] = []): void {
    this.node.port.postMessage(message, transfer);
  }
}
