/** A stream that outlives its engine's worker. */
import { QingshengError } from "../../errors.ts";
import type { Qingsheng, StreamOptions } from "../../index.ts";
import type { Chunk } from "../../protocol.ts";

/** A worker that dies so often without one chunk between is not asked again. */
const MOST_LOST = 3;

/** Goes on behind the last chunk where the worker dies: asking again starts another. */
export async function* steadily(
  tts: Pick<Qingsheng, "stream">,
  text: string,
  options: StreamOptions,
): AsyncGenerator<Chunk, void, undefined> {
  let from = 0;
  let index = 0;
  let lost = 0;
  for (;;) {
    try {
      for await (const chunk of tts.stream(text, { ...options, from })) {
        yield { ...chunk, index };
        if (chunk.last) return;
        from = chunk.span.stop;
        index += 1;
        lost = 0;
      }
      return;
    } catch (error) {
      lost += 1;
      if (!(error instanceof QingshengError && error.code === "worker.lost") || lost >= MOST_LOST) throw error;
    }
  }
}
