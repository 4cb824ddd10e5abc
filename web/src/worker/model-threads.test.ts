import { describe, expect, it } from "vitest";
import { ModelThreads } from "./model-threads.ts";
import type { RemoteSessions } from "./remote-sessions.ts";

const source = { url: "https://site.test/ort.wasm", sha256: "ab", kept: true, bytes: async () => new Uint8Array(4) };

/** As much as is worth a second thread. */
const LONG = 240;
const EMPTY = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));

/** Threads that answer at once, and what they were asked. */
function threads(module: WebAssembly.Module | null = EMPTY) {
  const asked: string[][] = [];
  const failing = new Set<number>();
  const newSessions = () => {
    const own: string[] = [];
    const number = asked.push(own) - 1;
    let handles = 10 * number;
    const fake = {
      start: async (from: unknown, count: number) => {
        own.push(`start ${count} ${from === module ? "from the module" : "from its file"}`);
        return module ?? undefined;
      },
      create: async (model: Uint8Array, patient: boolean) => {
        handles += 1;
        own.push(`create ${handles} of ${model.byteLength} ${patient}`);
        return handles;
      },
      run: async (handle: number, _: unknown, relay?: number) => {
        own.push(`run ${handle} ${relay}`);
        if (failing.has(number)) throw new Error("the thread of the models is gone");
        return {};
      },
      forget: async (relay: number) => void own.push(`forget ${relay}`),
      release: async (handle: number) => void own.push(`release ${handle}`),
      end: () => void own.push("end"),
    };
    return fake as unknown as RemoteSessions;
  };
  const made = new ModelThreads({ newSessions, patience: 50 });
  return { asked, failing, made };
}

async function inAHurry(all = threads()) {
  await all.made.start(source, 3);
  expect(await all.made.create(new Uint8Array(5), false)).toBe(1);
  expect(await all.made.create(new Uint8Array(7), true)).toBe(2);
  all.made.hurry(LONG);
  return all;
}

const ready = (made: ModelThreads) => expect.poll(() => made.count).toBe(2);

describe("threads of models", () => {
  it("are one as long as nobody is in a hurry", async () => {
    const { asked, made } = threads();
    await made.start(source, 3);
    await made.create(new Uint8Array(7), true);
    await Promise.all([made.run(1, {}, 1), made.run(1, {}, 2), made.run(1, {})]);
    expect(asked).toEqual([["start 3 from its file", "create 1 of 7 true", "run 1 1", "run 1 2", "run 1 undefined"]]);
    expect(made.count).toBe(1);
  });

  it("share the relays of patient models, each of which stays where it began", async () => {
    const { asked, made } = await inAHurry();
    await ready(made);
    for (const relay of [1, 2, 1, 2]) await made.run(2, {}, relay);
    await made.run(1, {});
    await made.forget(1);
    for (const relay of [3, 2]) await made.run(2, {}, relay);
    expect(asked[0]?.slice(3)).toEqual(["run 2 1", "run 2 1", "run 1 undefined", "forget 1", "run 2 3"]);
    expect(asked[1]).toEqual(["start 1 from the module", "create 11 of 7 true", "run 11 2", "run 11 2", "run 11 2"]);
  });

  it("are one again when the hurry is over and what was begun is made", async () => {
    const { asked, made } = await inAHurry();
    await ready(made);
    await made.run(2, {}, 1);
    await made.run(2, {}, 2);
    made.hurry(LONG);
    made.rest();
    made.rest();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made.count).toBe(2);
    await made.forget(2);
    expect(made.count).toBe(1);
    expect(asked[1]?.at(-1)).toBe("end");
    await made.run(2, {}, 3);
    expect(asked[0]?.at(-1)).toBe("run 2 3");
  });

  it("go on in the next hurry if it comes soon", async () => {
    const { asked, made } = await inAHurry();
    await ready(made);
    made.rest();
    made.hurry(LONG);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made.count).toBe(2);
    expect(asked.length).toBe(2);
  });

  it("are two for the next of several short texts in a row", async () => {
    const { asked, made } = threads();
    await made.start(source, 3);
    await made.create(new Uint8Array(7), true);
    const says = (length: number) => {
      made.hurry(length);
      made.rest();
    };
    says(LONG - 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    says(LONG - 1);
    expect(asked.length).toBe(1);
    says(1);
    expect(asked.length).toBe(2);
  });

  it("are one where the module was not seen", async () => {
    const { asked, made } = await inAHurry(threads(null));
    await made.run(2, {}, 1);
    await made.run(2, {}, 2);
    expect(asked[0]?.slice(3)).toEqual(["run 2 1", "run 2 2"]);
    expect(made.count).toBe(1);
    expect(asked.length).toBe(1);
  });

  it("lose with the second only what it had begun", async () => {
    const { asked, failing, made } = await inAHurry();
    await ready(made);
    failing.add(1);
    await made.run(2, {}, 1);
    await expect(made.run(2, {}, 2)).rejects.toThrow("gone");
    expect(made.count).toBe(1);
    await made.run(2, {}, 3);
    expect(asked[0]?.at(-1)).toBe("run 2 3");
  });

  it("release a model in both", async () => {
    const { asked, made } = await inAHurry();
    await ready(made);
    await made.release(2);
    expect(asked.map((own) => own.at(-1))).toEqual(["release 2", "release 11"]);
    expect(made.count).toBe(1);
  });
});
