/** The page's one AudioContext, at the sample rate of the voice that speaks, and players in it. */
import { QingshengError } from "../errors.ts";
import { hasSharedMemory } from "../shared-memory.ts";
import { type FromPlayer, PLAYER_NAME, type PlayerOptions, SAMPLE_RATE, type ToPlayer } from "./messages.ts";
import playerUrl from "./player.worklet.ts?worker&url";
import { resample } from "./resample.ts";
import { SampleQueue } from "./sample-queue.ts";
import { SampleRing } from "./sample-ring.ts";
import type { Sound } from "./wav.ts";

export interface PlayerEvents {
  onPosition(seconds: number, underruns: number): void;
  onDone(): void;
  /** The system stopped the sound of all pages, or its device is gone; nothing sounds until it is resumed. */
  onInterrupted(): void;
  /** After `onInterrupted`, where it was only slow to begin: a device that is far away, or Firefox's first sound. */
  onBegun(): void;
}

interface OwnEvents extends PlayerEvents {
  /** It begins to play, or pauses. */
  onPlaying(): void;
  /** Its end was heard, or it was stopped. */
  onGone(): void;
}

/** 22 s at 24 kHz, 2 MB: more than is made ahead. */
const RING_SAMPLES = 1 << 19;
/** Rings kept for the next player: one that ends and one that begins. */
const KEPT_RINGS = 2;
const DRAIN_SAMPLES = 4096;
/** Seconds in which a change of volume is through by two thirds: no click. */
const VOLUME_SECONDS = 0.015;
/** A device that nothing plays on is let go after so long: it costs a phone its battery, and other apps their sound. */
const REST_AFTER_MS = 30_000;
/** What browsers count as a gesture of the user's. */
const GESTURES = ["click", "keydown", "touchend"] as const;
/** A context that does not run by then was not allowed to: it takes a gesture of the user's. */
const RUNNING_WITHIN_MS = 1500;
/** Or it is slow: if it runs within so much more, it need not be asked for again. */
const LATE_WITHIN_MS = 10_000;
/** Firefox where sound goes through PulseAudio or what speaks its protocol: everywhere but on Android, macOS and Windows. */
const GECKO_WITH_PULSEAUDIO = /\(X11;.*\bGecko\/\d/;
/** What Firefox 153 says there with a sink that asks for nothing; a device far away has more. */
const PULSEAUDIO_SECONDS = 0.036;

export class AudioOutput {
  private readonly rings: SampleRing[] = [];
  private context: AudioContext | undefined;
  private gain: GainNode | undefined;
  private level = 1;
  private ready: Promise<AudioContext> | undefined;
  /** Of the present context. */
  private players = new Set<Player>();
  private resting: ReturnType<typeof setTimeout> | undefined;

  /**
   * Takes the gestures that come while something is fetched that is to sound: when it is here, they count no more. Returns the
   * function that ends it.
   */
  takeGestures(): () => void {
    const unlock = () => this.unlock();
    if (globalThis.navigator?.userActivation?.isActive) unlock();
    const target = globalThis.document;
    for (const kind of GESTURES) target?.addEventListener(kind, unlock, { capture: true });
    return () => {
      for (const kind of GESTURES) target?.removeEventListener(kind, unlock, { capture: true });
    };
  }

  /**
   * To be called while the user's gesture is being handled: browsers start sound at no other time. Whatever still
   * plays at another rate ends.
   */
  unlock(sampleRate = this.context?.sampleRate ?? SAMPLE_RATE): void {
    if (typeof AudioContext === "undefined") return;
    if (this.context && this.context.sampleRate !== sampleRate) this.close().catch(() => undefined);
    if (!this.context) {
      this.context = new AudioContext({ sampleRate, latencyHint: "interactive" });
      this.gain = new GainNode(this.context, { gain: this.level });
      this.gain.connect(this.context.destination);
    }
    if (this.context.state !== "running") this.context.resume().catch(() => undefined);
    this.rest();
  }

  get volume(): number {
    return this.level;
  }

  /** 0 to 1, a factor of the amplitude; heard at once. */
  set volume(value: number) {
    this.level = value;
    if (this.context) this.gain?.gain.setTargetAtTime(value, this.context.currentTime, VOLUME_SECONDS);
  }

  /** Loads the player's code ahead of the first sound. */
  async prepare(): Promise<void> {
    await this.prepared();
  }

  /** Beside others that still sound it takes their rate: a context has one. */
  async player(sampleRate: number, events: PlayerEvents): Promise<Player> {
    this.unlock(this.players.size > 0 ? undefined : sampleRate);
    const context = await this.prepared();
    const ring = hasSharedMemory() ? (this.rings.pop() ?? SampleRing.create(RING_SAMPLES)) : undefined;
    const { players } = this;
    const player = new Player(context, this.gain ?? context.destination, ring, {
      ...events,
      onPlaying: () => this.rest(),
      onGone: () => {
        players.delete(player);
        if (ring) this.keep(ring);
        this.rest();
      },
    });
    players.add(player);
    return player;
  }

  async close(): Promise<void> {
    const { context } = this;
    clearTimeout(this.resting);
    this.context = undefined;
    this.gain = undefined;
    this.ready = undefined;
    this.players = new Set();
    await context?.close();
  }

  /** Suspends the context when nothing has played for a while; `unlock` and a player that goes on resume it. */
  private rest(): void {
    clearTimeout(this.resting);
    if ([...this.players].some(({ isPlaying }) => isPlaying)) return;
    const { context } = this;
    this.resting = setTimeout(() => void context?.suspend().catch(() => undefined), REST_AFTER_MS);
  }

  private keep(ring: SampleRing): void {
    if (this.rings.length >= KEPT_RINGS) return;
    ring.reset();
    this.rings.push(ring);
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

/** Silent and empty until it is told to resume. */
export class Player {
  private readonly node: AudioWorkletNode;
  /** What the ring has no room for yet. */
  private readonly overflow = new SampleQueue();
  private readonly block = new Float32Array(DRAIN_SAMPLES);
  private ending = false;
  private gone = false;
  private playing = false;
  /** Until then, on the clock of `performance`, it may go on by itself. */
  private lateUntil = 0;

  constructor(
    private readonly context: AudioContext,
    target: AudioNode,
    private readonly ring: SampleRing | undefined,
    private readonly events: OwnEvents,
  ) {
    const processorOptions: PlayerOptions = ring ? { ring: ring.memory } : {};
    const options = { numberOfInputs: 0, outputChannelCount: [1], processorOptions };
    this.node = new AudioWorkletNode(context, PLAYER_NAME, options);
    this.node.port.onmessage = ({ data }: MessageEvent<FromPlayer>) => {
      if (this.gone) return;
      this.drain();
      events.onPosition(Math.max(0, data.played / context.sampleRate - latency(context)), data.underruns);
      if (data.type === "done") {
        this.gone = true;
        this.node.disconnect();
        context.removeEventListener("statechange", this.followed);
        events.onGone();
        events.onDone();
      }
    };
    this.node.connect(target);
    context.addEventListener("statechange", this.followed);
  }

  get isPlaying(): boolean {
    return this.playing && !this.gone;
  }

  /** Leaves the caller's buffer as it is. */
  push({ samples, sampleRate }: Sound): void {
    if (this.ring) {
      this.overflow.push(sampleRate === this.context.sampleRate ? samples : this.resampled(samples, sampleRate));
      this.drain();
    } else {
      const own = this.resampled(samples, sampleRate);
      this.send({ type: "push", samples: own }, [own.buffer]);
    }
  }

  end(): void {
    this.ending = true;
    this.drain();
    if (!this.ring) this.send({ type: "end" });
  }

  /** Nothing behind so many seconds of its sound is heard. */
  endAt(seconds: number): void {
    this.send({ type: "endAt", sample: Math.round(seconds * this.context.sampleRate) });
  }

  pause(): void {
    this.playing = false;
    this.events.onPlaying();
    this.send({ type: "pause" });
  }

  resume(): void {
    this.playing = true;
    this.events.onPlaying();
    if (this.context.state !== "running") {
      this.context.resume().catch(() => undefined);
      setTimeout(() => this.waited(), RUNNING_WITHIN_MS);
    }
    this.send({ type: "resume" });
  }

  stop(): void {
    this.send({ type: "stop" });
  }

  /** Safari's calls and alarms leave it "interrupted"; a lost device, suspended. */
  private readonly followed = (): void => {
    const state: string = this.context.state;
    if (state === "running") this.begun();
    else if (this.playing && (state === "suspended" || state === "interrupted")) this.events.onInterrupted();
  };

  /** Without a gesture it was not allowed to begin, and another's gesture is none for this one. */
  private waited(): void {
    if (this.gone || !this.playing || this.context.state === "running") return;
    if (globalThis.navigator?.userActivation?.hasBeenActive) this.lateUntil = performance.now() + LATE_WITHIN_MS;
    this.followed();
  }

  private begun(): void {
    const late = !this.gone && !this.playing && performance.now() < this.lateUntil;
    this.lateUntil = 0;
    if (late) this.events.onBegun();
  }

  private resampled(samples: Float32Array, sampleRate: number): Float32Array<ArrayBuffer> {
    return resample(samples, sampleRate, this.context.sampleRate);
  }

  /** As much into the ring as it takes; the end is told only when all of it is there. */
  private drain(): void {
    if (!this.ring || this.gone) return;
    while (this.overflow.length > 0 && this.ring.room > 0) {
      const count = this.overflow.pull(this.block.subarray(0, Math.min(this.block.length, this.ring.room)));
      this.ring.push(this.block.subarray(0, count));
    }
    if (this.ending && this.overflow.length === 0) {
      this.ending = false;
      this.send({ type: "end" });
    }
  }

  private send(message: ToPlayer, transfer: Transferable[] = []): void {
    this.node.port.postMessage(message, transfer);
  }
}

/**
 * Seconds between the audio thread and the ear. Firefox, when it is first asked, holds the lock of its audio graph and waits
 * for PulseAudio's, which the audio thread holds while it waits for the graph's: the page would stand still for good, most
 * likely on a busy machine. `getOutputTimestamp` asks the same.
 */
function latency(context: AudioContext): number {
  if (GECKO_WITH_PULSEAUDIO.test(globalThis.navigator?.userAgent ?? "")) return PULSEAUDIO_SECONDS;
  return context.outputLatency || context.baseLatency || 0;
}
