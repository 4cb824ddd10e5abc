/** Turns what an observer hears into events. */
import type { Outcome, SpeechObserver, StreamObserver } from "../client/observer.ts";
import type { QingshengError } from "../errors.ts";
import type { Chunk, Progress } from "../protocol.ts";
import { shortVoice, type TelemetryEvent, within } from "./events.ts";
import { newTrace } from "./trace.ts";

export class Recorder implements SpeechObserver {
  private bytes = { loaded: 0, kept: 0 };

  /** trace: of the visit. */
  constructor(
    private readonly emit: (event: TelemetryEvent) => void,
    private readonly now: () => number = () => performance.now() / 1000,
    private readonly trace: string = newTrace(),
  ) {}

  progress(progress: Progress): void {
    if (progress.kind === "bytes") this.bytes = { loaded: progress.loaded, kept: progress.kept };
    if (progress.kind !== "ready") return;
    const stages = Object.fromEntries(
      Object.entries(progress.stageSeconds).map(([stage, seconds]) => [stage, within(seconds)]),
    );
    const { loaded, kept } = this.bytes;
    const seconds = within(progress.seconds);
    this.emit({ kind: "boot", seconds, stages, bytes: loaded, kept_bytes: kept, trace: this.trace });
  }

  failed(error: QingshengError): void {
    if (error.code !== "cancelled") this.emit({ kind: "error", code: error.code });
  }

  /** A click begins a trace of its own. */
  stream(voice: () => string | undefined, underruns: () => number): StreamObserver {
    const began = this.now();
    const before = underruns();
    const trace = newTrace();
    let [first, audio, work, chunks] = [undefined as number | undefined, 0, 0, 0];
    return {
      chunk: ({ samples, sampleRate, synthesisSeconds }: Chunk) => {
        first ??= this.now() - began;
        audio += samples.length / sampleRate;
        work += synthesisSeconds;
        chunks += 1;
      },
      end: (outcome: Outcome, error?: QingshengError) => {
        this.emit({
          kind: "stream",
          voice: shortVoice(voice()),
          outcome,
          seconds: within(this.now() - began),
          ...(first !== undefined && { first_chunk_seconds: within(first) }),
          audio_seconds: within(audio),
          work_seconds: within(work),
          chunks,
          underruns: Math.max(0, underruns() - before),
          trace,
        });
        if (error) this.emit({ kind: "error", code: error.code, voice: shortVoice(voice()) });
      },
    };
  }
}
