/** Who wants to know how speech went: times and counts, never the text. */
import type { QingshengError } from "../errors.ts";
import { toQingshengError } from "../errors.ts";
import type { Chunk, Progress } from "../protocol.ts";

export type Outcome = "finished" | "stopped" | "failed";

export interface StreamObserver {
  chunk(chunk: Chunk): void;
  /** Once, whatever way it ended; error: of those that failed. */
  end(outcome: Outcome, error?: QingshengError): void;
}

export interface SpeechObserver {
  progress(progress: Progress): void;
  /** The engine did not start, or is gone. */
  failed(error: QingshengError): void;
  /** A stream begins. voice: its id, once it is known. underruns: how often its player has waited so far. */
  stream(voice: () => string | undefined, underruns: () => number): StreamObserver;
}

/** The same chunks, of which the observer hears. */
export async function* watched(
  chunks: AsyncGenerator<Chunk, void, undefined>,
  observer: StreamObserver,
): AsyncGenerator<Chunk, void, undefined> {
  // Left in the middle, a generator ends without another word.
  let outcome: Outcome = "stopped";
  let failure: QingshengError | undefined;
  try {
    for await (const chunk of chunks) {
      observer.chunk(chunk);
      yield chunk;
    }
    outcome = "finished";
  } catch (error) {
    const known = toQingshengError(error);
    if (known.code !== "cancelled") {
      outcome = "failed";
      failure = known;
    }
    throw error;
  } finally {
    observer.end(outcome, failure);
  }
}
