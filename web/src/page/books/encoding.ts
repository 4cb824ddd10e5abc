/** Bytes of a text file to text. Old Chinese files seldom say how they are written. */

/** Frequent in running text of either script, and rare in what another encoding makes of its bytes. */
const COMMON = new Set(
  " \n的一是不了在人有我他她这這个個们們中大来來上到说說为為子和地道时時也就那要以会會可自年生后後天，。、！？「」“”",
);
/** What decides is decided early in a book. */
const SAMPLE_BYTES = 65_536;
/** Share of characters that no text has, from which on a file is none. */
const NO_TEXT = 0.01;
const REPLACED = "\ufffd";

/** By its mark, as UTF-8 where it is that, else as what reads most like Chinese. Undefined where nothing makes it a text. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const text = new TextDecoder(encodingOf(bytes, sample)).decode(bytes);
  return isText(text.slice(0, SAMPLE_BYTES)) ? text : undefined;
}

function encodingOf(bytes: Uint8Array, sample: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  // Every line end has a zero byte there, and no other encoding has one at all.
  if (sample.includes(0)) return likelier(["utf-16le", "utf-16be"], sample);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return "utf-8";
  } catch {
    // GB 18030 has GBK and GB 2312 in it.
    return likelier(["gb18030", "big5"], sample);
  }
}

function likelier([one, other]: readonly [string, string], sample: Uint8Array): string {
  return commonness(other, sample) > commonness(one, sample) ? other : one;
}

function commonness(encoding: string, sample: Uint8Array): number {
  return count(new TextDecoder(encoding).decode(sample), (character) => COMMON.has(character));
}

function isText(text: string): boolean {
  const strange = (one: string) => one === REPLACED || (one < " " && one.trim() !== "");
  return count(text, strange) <= NO_TEXT * text.length;
}

function count(text: string, counts: (character: string) => boolean): number {
  let found = 0;
  for (const character of text) found += counts(character) ? 1 : 0;
  return found;
}
