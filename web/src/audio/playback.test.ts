import { expect, it, vi } from "vitest";
import { QingshengError } from "../errors.ts";
import type { Chunk, SpeechOptions } from "../protocol.ts";
import type { AudioOutput, PlayerEvents } from "./output.ts";
import { Playback } from "./playback.ts";
import { WholeText } from "./text-source.ts";

const RATE = 1000;
const TEXT = "一句。二句。三句。四句。";

/** A sentence is a second long and three characters; made is told what was made, and in which voice. */
function speech(options: SpeechOptions = {}, refused = ["nope"]) {
  const made: string[] = [];
  const players: { events: PlayerEvents; end: () => void }[] = [];
  async function* source(text: string, { voice = "own" }: SpeechOptions, signal: AbortSignal, from: number) {
    if (refused.includes(voice ?? "own")) throw new QingshengError("voice.not_found", voice ?? "");
    for (let start = from; start < text.length && !signal.aborted; start += 3) {
      made.push(`${text.slice(start, start + 2)} ${voice}`);
      yield {
        sentence: start / 3,
        samples: new Float32Array(RATE),
        sampleRate: RATE,
        span: { start, stop: start + 3 },
        words: [{ text: text.slice(start, start + 2), start, stop: start + 2, begin: 0, end: 1, estimated: false }],
        phones: [],
        marks: [],
        notices: [],
        last: start + 3 >= text.length,
        synthesisSeconds: 0,
      } as unknown as Chunk;
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  const output = {
    prepare: async () => undefined,
    player: async (_rate: number, events: PlayerEvents) => {
      const player = { push: vi.fn(), end: vi.fn(), endAt: vi.fn(), stop: vi.fn(), pause: vi.fn(), resume: vi.fn() };
      players.push({ events, end: () => events.onDone() });
      return player;
    },
  } as unknown as AudioOutput;
  const playback = new Playback(new WholeText(TEXT), options, source, output);
  return { playback, made, players };
}

const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true));
const code = (error: QingshengError) => error.code;

it("takes another voice from the next sentence on, and says so", async () => {
  const { playback, made } = speech();
  expect(await playback.change({ voice: "other" })).toBe(true);
  await until(() => made.length >= 5);
  expect(made).toEqual(["一句 own", "二句 own", "二句 other", "三句 other", "四句 other"]);
  expect(playback.options).toEqual({ voice: "other" });
  playback.stop();
});

it("goes on as before where a change cannot be, before anything else is made", async () => {
  const { playback, made } = speech();
  expect(await playback.change({ voice: "nope" }).catch(code)).toBe("voice.not_found");
  expect(playback.options).toEqual({});
  await until(() => made.at(-1) === "四句 own");
  expect(playback.state.kind).toBe("playing");
  playback.stop();
});

it("goes on as before where what was made already cannot be made in other options", async () => {
  const { playback, made, players } = speech();
  await until(() => made.length === 4);
  expect(await playback.change({ voice: "nope" }).catch(code)).toBe("voice.not_found");
  await until(() => made.length === 7);
  expect(made.slice(4)).toEqual(["二句 own", "三句 own", "四句 own"]);
  players[0]?.end();
  players[1]?.end();
  await playback.finished;
});

it("of what is asked for at once it refuses what cannot be, and takes the rest", async () => {
  const { playback, made, players } = speech({ speed: 1 });
  await until(() => made.length === 4);
  const told = [playback.change({ voice: "nope" }), playback.change({ speed: 2 })];
  expect(await Promise.all(told.map((one) => one.catch(code)))).toEqual(["voice.not_found", true]);
  expect(playback.options).toEqual({ speed: 2 });
  // In the other order the one that can be is heard first.
  const again = [playback.change({ pitch: 1 }), playback.change({ voice: "nope" })];
  players[0]?.end();
  expect(await Promise.all(again.map((one) => one.catch(code)))).toEqual([true, "voice.not_found"]);
  expect(playback.options).toEqual({ speed: 2, pitch: 1 });
  playback.stop();
});

it("takes or refuses as one what is asked for in one call", async () => {
  const { playback, made } = speech({ speed: 1 });
  await until(() => made.length === 4);
  expect(await playback.change({ voice: "nope", speed: 2 }).catch(code)).toBe("voice.not_found");
  expect(playback.options).toEqual({ speed: 1 });
  playback.stop();
});

it("fails where nothing could be made from the beginning on, and settles whoever waits", async () => {
  const failing = speech({ voice: "nope" });
  const change = failing.playback.change({ speed: 2 });
  await expect(failing.playback.finished).rejects.toMatchObject({ code: "voice.not_found" });
  await expect(change).rejects.toMatchObject({ code: "voice.not_found" });
  const stopped = speech();
  const late = stopped.playback.change({ speed: 2 });
  stopped.playback.stop();
  expect(await late).toBe(false);
  expect(await stopped.playback.change({ speed: 1 })).toBe(false);
});
