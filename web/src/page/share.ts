/**
 * A link that carries text and settings in its fragment, which browsers do not send to any server.
 *
 * `#s=` and base64url of JSON, compressed with raw deflate where the browser can (`#z=`). What comes out of a link is bounded before
 * it is unpacked and checked field by field after: a link may come from anybody.
 */
import { type Feeling, parseFeeling } from "./emotion/feeling.ts";
import { codePoints } from "./parts.ts";
import { parseReadings, type Readings } from "./readings.ts";
import { parseSettings, type VoiceSettings } from "./voice-settings.ts";

export interface Shared {
  readonly text: string;
  readonly settings: VoiceSettings;
  readonly feeling: Feeling;
  readonly words: Readings;
}

/** Longer links do not survive mail programs and chats. */
export const MAX_TEXT = 2000;
const MAX_FRAGMENT = 16_000;
const MAX_BYTES = 64_000;
const VERSION = 1;

/** The link's fragment with its `#`; undefined for a text that is too long. */
export async function fragmentOf({ text, settings, feeling, words }: Shared): Promise<string | undefined> {
  if (codePoints(text) > MAX_TEXT) return undefined;
  // Readings of words that the text does not have are nobody's business.
  const used = Object.fromEntries(Object.entries(words).filter(([word]) => text.includes(word)));
  const bytes = new TextEncoder().encode(JSON.stringify({ v: VERSION, t: text, s: settings, e: feeling, w: used }));
  const packed = await through(bytes, () => new CompressionStream("deflate-raw"), MAX_BYTES).catch(() => undefined);
  const fragment = packed ? `#z=${base64(packed)}` : `#s=${base64(bytes)}`;
  return fragment.length <= MAX_FRAGMENT ? fragment : undefined;
}

/** Whether it wants to be a link of ours: chats cut long ones off. */
export function isShared(fragment: string): boolean {
  return /^#[sz]=/.test(fragment);
}

/** Undefined for whatever is no link of ours. */
export async function parseFragment(fragment: string): Promise<Shared | undefined> {
  const found = /^#([sz])=([\w-]+)$/.exec(fragment);
  if (!found || fragment.length > MAX_FRAGMENT) return undefined;
  try {
    const packed = fromBase64(found[2] ?? "");
    const bytes =
      found[1] === "z" ? await through(packed, () => new DecompressionStream("deflate-raw"), MAX_BYTES) : packed;
    return parseShared(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

function parseShared(value: unknown): Shared | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { v, t, s, e, w } = value as Record<string, unknown>;
  if (v !== VERSION || typeof t !== "string" || codePoints(t) > MAX_TEXT) return undefined;
  return { text: t, settings: parseSettings(s), feeling: parseFeeling(e), words: parseReadings(w) };
}

/** Gives up at the bound, so that a small link cannot unpack into a large memory. */
async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: () => GenericTransformStream,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream()).getReader() as ReadableStreamDefaultReader<
    Uint8Array<ArrayBuffer>
  >;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    length += step.value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError(`more than ${most} bytes`);
    }
    pieces.push(step.value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function base64(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}
