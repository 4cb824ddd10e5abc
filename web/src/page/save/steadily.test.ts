import { expect, it } from "vitest";
import { QingshengError } from "../../errors.ts";
import type { StreamOptions } from "../../index.ts";
import type { Chunk } from "../../protocol.ts";
import { steadily } from "./steadily.ts";

const TEXT = "一二三四五六";

/** An engine that makes two characters at a time, and dies after so many chunks, each time anew. */
function mortal(...lives: number[]) {
  const begun: number[] = [];
  async function* stream(text: string, { from = 0 }: StreamOptions = {}) {
    begun.push(from);
    let left = lives.shift() ?? Number.POSITIVE_INFINITY;
    for (let at = from, index = 0; at < text.length; at += 2, index += 1) {
      if (left === 0) throw new QingshengError("worker.lost", "gone");
      left -= 1;
      yield { index, span: { start: at, stop: at + 2 }, last: at + 2 >= text.length } as Chunk;
    }
  }
  return { tts: { stream }, begun };
}

async function taken(tts: ReturnType<typeof mortal>["tts"]): Promise<string[]> {
  const found: string[] = [];
  for await (const { index, span } of steadily(tts, TEXT, {})) {
    found.push(`${index} ${TEXT.slice(span.start, span.stop)}`);
  }
  return found;
}

it("goes on behind what was made, chunk after chunk, as if nothing had happened", async () => {
  const { tts, begun } = mortal(1, 0, 1);
  expect(await taken(tts)).toEqual(["0 一二", "1 三四", "2 五六"]);
  expect(begun).toEqual([0, 2, 2, 4]);
});

it("does not ask an engine for ever that dies at once, nor after another error", async () => {
  const { tts, begun } = mortal(0, 0, 0);
  await expect(taken(tts)).rejects.toMatchObject({ code: "worker.lost" });
  expect(begun.length).toBe(3);
  const refusing = {
    // biome-ignore lint/correctness/useYield: it fails before there is anything to yield
    async *stream(): AsyncGenerator<Chunk, void, undefined> {
      throw new QingshengError("text.empty", "nothing");
    },
  };
  await expect(taken(refusing)).rejects.toMatchObject({ code: "text.empty" });
});
