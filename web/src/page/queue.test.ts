import { expect, it } from "vitest";
import { Emitter } from "../client/emitter.ts";
import { QingshengError } from "../errors.ts";
import type { Chunk, PlaybackEvents, PlaybackState, Qingsheng, SpeechOptions } from "../index.ts";
import { ReadingQueue } from "./queue.ts";

/** A part that is spoken as the test says. Its voice has to exist; changes of it wait until it ends. */
class Part extends Emitter<PlaybackEvents> {
  readonly stats = { firstAudioSeconds: 0, synthesisSeconds: 0, audioSeconds: 0, underruns: 0 };
  readonly changes: { readonly part: SpeechOptions; readonly tell: (made: boolean) => void }[] = [];
  private refusals: (() => void)[] = [];

  constructor(public options: SpeechOptions) {
    super();
  }

  change(part: SpeechOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.changes.push({ part, tell: resolve });
      this.refusals.push(() => part.voice === "nope" && reject(missing()));
    });
  }

  begin(): void {
    if (this.options.voice === "nope") {
      this.enter({ kind: "failed", error: missing() });
      return;
    }
    this.emit("chunk", {} as Chunk);
    this.enter({ kind: "playing" });
  }

  /** It has sentences left, in which the changes can be made or not. */
  judge(): void {
    for (const refuse of this.refusals) refuse();
    for (const { tell } of this.changes) tell(true);
  }

  end(): void {
    for (const { tell } of this.changes) tell(false);
    this.enter({ kind: "finished" });
  }

  stop(): void {}

  private enter(state: PlaybackState): void {
    this.emit("state", state);
  }
}

const missing = () => new QingshengError("voice.not_found", "nope");

function reading() {
  const parts: Part[] = [];
  const speak = (_text: string, options: SpeechOptions) => {
    const part = new Part(options);
    parts.push(part);
    return part;
  };
  const queue = new ReadingQueue(() => ({ speak }) as unknown as Qingsheng);
  const refused: string[] = [];
  queue.on("refused", ({ error }) => refused.push(error.code));
  queue.start("这句话有十个字左右啊。".repeat(400), {});
  const last = () => parts.at(-1) as Part;
  return { queue, parts, last, refused };
}

it("goes on as before where a change in the last sentence of a part cannot be made in the next part", async () => {
  const { queue, parts, last, refused } = reading();
  last().begin();
  queue.change({ voice: "nope" });
  last().end();
  expect(last().options).toEqual({ voice: "nope" });
  last().begin();
  expect([refused, parts.length, last().options]).toEqual([["voice.not_found"], 3, {}]);
  last().begin();
  expect(queue.state.kind).toBe("playing");
});

it("keeps what can be of several such changes", async () => {
  const { queue, last, refused } = reading();
  last().begin();
  queue.change({ voice: "nope" });
  queue.change({ speed: 2 });
  last().end();
  await Promise.resolve();
  last().begin();
  expect([last().options, refused]).toEqual([{}, []]);
  last().begin();
  expect(last().changes.map(({ part }) => part)).toEqual([{ voice: "nope" }, { speed: 2 }]);
  last().options = { speed: 2 };
  last().judge();
  await new Promise((resolve) => setTimeout(resolve));
  expect(refused).toEqual(["voice.not_found"]);
  last().end();
  expect(last().options).toEqual({ speed: 2 });
});
