/** What is reported, as `gateway/telemetry.py` takes it: numbers and names out of closed lists. */
import type { Outcome } from "../client/observer.ts";
import type { ErrorCode } from "../errors.ts";
import type { StageSeconds } from "../protocol.ts";

interface Traced {
  /** W3C traceparent of the click, or the visit, that it belongs to. */
  readonly trace: string;
}

export interface BootEvent extends Traced {
  readonly kind: "boot";
  readonly seconds: number;
  readonly stages: StageSeconds;
  readonly bytes: number;
  readonly kept_bytes: number;
}

export interface StreamEvent extends Traced {
  readonly kind: "stream";
  readonly voice: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  /** Absent where there was none. */
  readonly first_chunk_seconds?: number;
  readonly audio_seconds: number;
  readonly work_seconds: number;
  readonly chunks: number;
  readonly underruns: number;
}

export interface ErrorEvent {
  readonly kind: "error";
  readonly code: ErrorCode;
  readonly voice?: string;
}

export interface MemoryEvent {
  readonly kind: "memory";
  readonly bytes: number;
}

export type TelemetryEvent = BootEvent | StreamEvent | ErrorEvent | MemoryEvent;

export const FORMAT = 1;
/** As many as the server takes at once. */
export const EVENTS_PER_REPORT = 100;
const VOICE_LENGTH = 64;
const HOUR = 3600;

export function report(events: readonly TelemetryEvent[]): string {
  return JSON.stringify({ format: FORMAT, events });
}

export function traceOf(event: TelemetryEvent | undefined): string | undefined {
  return event && "trace" in event ? event.trace : undefined;
}

/** The server refuses a report with a longer name; only the catalogue's voices have a meaning for it. */
export function shortVoice(voice: string | undefined): string {
  return (voice ?? "").slice(0, VOICE_LENGTH);
}

/** Seconds within what the server takes: a machine may have slept. */
export function within(seconds: number): number {
  return Math.min(Math.max(seconds, 0), HOUR);
}
