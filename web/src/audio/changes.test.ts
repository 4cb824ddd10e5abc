import { expect, it } from "vitest";
import { QingshengError } from "../errors.ts";
import type { SpeechOptions } from "../protocol.ts";
import { Changes } from "./changes.ts";

const ERRORS: Readonly<Record<string, string>> = { voice: "nope", style: "none" };

/** Tries until nothing is left to try; what is impossible names itself. Gives what every change was told. */
async function settled(changes: Changes, asked: readonly SpeechOptions[]) {
  const told = asked.map((part) => changes.ask(part).catch(({ message }: Error) => message));
  let next: SpeechOptions | undefined = changes.options;
  const tried: SpeechOptions[] = [];
  while (next) {
    tried.push(next);
    const options: SpeechOptions = next;
    const wrong = Object.entries(ERRORS).find(([name, value]) => options[name as "voice"] === value)?.[0];
    next = wrong ? changes.refuse(options, new QingshengError("option.invalid", wrong)) : changes.take(options);
  }
  return { told: await Promise.all(told), tried };
}

const begun = (options: SpeechOptions = {}) => {
  const changes = new Changes(options);
  changes.take(options);
  return changes;
};

it("takes at once what can be", async () => {
  const changes = begun({ volume: 1 } as SpeechOptions);
  const { told, tried } = await settled(changes, [{ speed: 2 }, { pitch: 1 }]);
  expect(told).toEqual([true, true]);
  expect(tried.length).toBe(1);
  expect(changes.proven).toMatchObject({ volume: 1, speed: 2, pitch: 1 });
});

it.each([
  [[{ voice: "nope" }, { speed: 2 }], ["voice", true], { speed: 2 }],
  [[{ speed: 2 }, { voice: "nope" }], [true, "voice"], { speed: 2 }],
  [[{ speed: 2 }, { voice: "nope" }, { pitch: 3 }], [true, "voice", true], { speed: 2, pitch: 3 }],
  [
    [{ speed: 2 }, { voice: "nope" }, { style: "none" }, { pitch: 3 }],
    [true, "voice", "style", true],
    { speed: 2, pitch: 3 },
  ],
  [[{ voice: "nope", speed: 2 }], ["voice"], {}],
  [[{ voice: "nope" }, { voice: "own" }], [true, true], { voice: "own" }],
])("of %j it refuses what cannot be, with its own reason, and takes the rest", async (asked, expected, options) => {
  const changes = begun();
  expect((await settled(changes, asked)).told).toEqual(expected);
  expect(changes.options).toEqual(options);
  expect(changes.proven).toEqual(options);
});

it("tells who waits at the end that nothing was made, or why not", async () => {
  const changes = begun();
  const late = [changes.ask({ speed: 2 }), changes.ask({ voice: "nope" })].map((one) =>
    one.catch(({ message }: Error) => message),
  );
  changes.refuse(changes.options, new QingshengError("voice.not_found", "voice"));
  changes.end();
  expect(await Promise.all(late)).toEqual([false, "voice"]);
  const failed = changes.ask({ speed: 1 });
  changes.end(new QingshengError("worker.lost", "gone"));
  await expect(failed).rejects.toMatchObject({ code: "worker.lost" });
});
