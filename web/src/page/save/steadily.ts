/** A stream that outlives its engine's worker. */
import { Losses } from "../../client/losses.ts";
import type { Qingsheng, StreamOptions } from "../../index.ts";
import type { Chunk } from "../../protocol.ts";

/** Goes on behind the last chunk where the worker dies: asking again starts another. */
export async function* steadily(
  tts: Pick<Qingsheng, "stream">,
  text: string,
  options: StreamOptions,
): AsyncGenerator<Chunk, void, undefined> {
  let from = 0;
  let index = 0;
  const losses = new Losses();
  for (;;) {
    try {
      for await (const chunk of tts.stream(text, { ...options, from })) {
        yield { ...chunk, index };
        if (chunk.last) return;
        from = chunk.span.stop;
        index += 1;
        losses.forget();
      }
      return;
    } catch (error) {
      if (!losses.mayAskAgain(error)) throw error;
    }
  }
}
