/**
 * What a script without types passes, looked at before it crosses: on the way, NaN would become null, and a function would stop the
 * message. Which values there are, and which numbers, the engine knows.
 */
import { QingshengError } from "../errors.ts";
import type { SpeechOptions } from "../protocol.ts";

interface Kind {
  readonly expected: string;
  fits(value: unknown): boolean;
}

const TEXT: Kind = { expected: "a string", fits: (value) => typeof value === "string" };
const NUMBER: Kind = { expected: "a number", fits: (value) => Number.isFinite(value) };
const OFFSET: Kind = {
  expected: "a whole number from 0",
  fits: (value) => Number.isInteger(value) && Number(value) >= 0,
};
const COUNT: Kind = {
  expected: "a whole number from 1",
  fits: (value) => Number.isInteger(value) && Number(value) > 0,
};
const SHARE: Kind = {
  expected: "0 to 1",
  fits: (value) => NUMBER.fits(value) && Number(value) >= 0 && Number(value) <= 1,
};
const SECONDS: Kind = { expected: "a number from 0", fits: (value) => NUMBER.fits(value) && Number(value) >= 0 };
const FUNCTION: Kind = { expected: "a function", fits: (value) => typeof value === "function" };
const SIGNAL: Kind = {
  expected: "an AbortSignal",
  fits: (value) => isRecord(value) && typeof value.addEventListener === "function",
};
const OBSERVER: Kind = { expected: "a SpeechObserver", fits: isRecord };
const TEXTS: Kind = {
  expected: "a list of strings",
  fits: (value) => Array.isArray(value) && value.every((item) => TEXT.fits(item)),
};

const records = (of: Kind, expected: string): Kind => ({
  expected,
  fits: (value) => isRecord(value) && Object.values(value).every((item) => item === undefined || of.fits(item)),
});
const either = (one: Kind, other: Kind): Kind => ({
  expected: `${one.expected} or ${other.expected}`,
  fits: (value) => one.fits(value) || other.fits(value),
});
const orNull = (kind: Kind): Kind => ({
  expected: `${kind.expected}, null or nothing`,
  fits: (value) => value === null || kind.fits(value),
});

const SPEECH = {
  voice: orNull(TEXT),
  speed: NUMBER,
  pitch: NUMBER,
  markup: TEXT,
  lexicon: records(TEXT, "an object of words and readings"),
  emoji: TEXT,
  languages: orNull(TEXTS),
  emotion: either(TEXT, records(NUMBER, "an object of names with weights")),
  intensity: NUMBER,
  style: orNull(TEXT),
} satisfies Record<keyof SpeechOptions, Kind>;
const STREAM = { ...SPEECH, signal: orNull(SIGNAL), from: OFFSET };
const LIVE = { ...STREAM, flushAfter: SECONDS };
const LOAD = {
  baseUrl: { expected: "an address", fits: (value: unknown) => TEXT.fits(value) || value instanceof URL },
  voice: orNull(TEXT),
  threads: COUNT,
  volume: SHARE,
  onProgress: FUNCTION,
  onKept: FUNCTION,
  onLost: FUNCTION,
  observer: OBSERVER,
  signal: orNull(SIGNAL),
};

const KINDS = { speech: SPEECH, stream: STREAM, live: LIVE, load: LOAD } satisfies Record<string, Record<string, Kind>>;

/** The same options. Throws `option.invalid`, naming what was got and what was expected. */
export function checkedOptions<Options>(options: Options, of: keyof typeof KINDS): Options {
  if (!isRecord(options)) throw invalid("options", options, "an object");
  const kinds: Readonly<Record<string, Kind>> = KINDS[of];
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (!kind) throw invalid("an option", name, `only ${Object.keys(kinds).join(", ")}`);
    if (value !== undefined && !kind.fits(value)) throw invalid(name, value, kind.expected);
  }
  return options;
}

export const checkedString = (name: string, value: unknown): string => checked(name, value, TEXT) as string;
export const checkedVolume = (value: unknown): number => checked("volume", value, SHARE) as number;

function checked(name: string, value: unknown, kind: Kind): unknown {
  if (!kind.fits(value)) throw invalid(name, value, kind.expected);
  return value;
}

/** Where to go on. Throws `option.invalid`. */
export function checkedTarget(target: unknown): void {
  if (isRecord(target)) checked("start", target.start, OFFSET);
  else checked("target", target, NUMBER);
}

/** Throws `option.invalid` for what is no plain object. */
export function checkedRecord<Value>(name: string, value: Value): Value {
  if (!isRecord(value)) throw invalid(name, value, "an object");
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(name: string, got: unknown, expected: string): QingshengError {
  return new QingshengError(
    "option.invalid",
    `${name} is ${written(got)}, expected ${expected}.`,
    "Correct the option, or leave it out for the default.",
    { option: name, got: written(got), expected },
  );
}

const MOST_WRITTEN = 80;

/** As a script would write it. */
function written(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MOST_WRITTEN));
  if (typeof value === "bigint") return `${value}n`.slice(0, MOST_WRITTEN);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const inside = Object.entries(value).map(([name, item]) =>
    Array.isArray(value) ? brief(item) : `${JSON.stringify(name)}: ${brief(item)}`,
  );
  const all = inside.join(", ").slice(0, MOST_WRITTEN);
  return Array.isArray(value) ? `[${all}]` : `{${all}}`;
}

function brief(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[…]" : "{…}";
  return written(value);
}
