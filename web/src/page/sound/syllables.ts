/** Where the syllables of a spoken chunk lie, in its sound and in the text that the engine was given. */
import type { Phone, Span, Word } from "../../protocol.ts";

export interface TimedSyllable extends Span {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

/** Initials of the inventory (`py_engine/text/phones.py`); every other phone but these and the pauses ends a syllable. */
const INITIALS = new Set("b p m f d t n l g k h j q x zh ch sh r z c s".split(" "));
const PAUSES = new Set(["sil", "sp"]);
const ERHUA = "rr";
/** Half of a frame: the ends of words and phones are rounded apart. */
const SLACK_SECONDS = 0.01;

/** Those of words whose characters are as many as their syllables: the others have no place for each of them. */
export function timedSyllables(spoken: string, words: readonly Word[], phones: readonly Phone[]): TimedSyllable[] {
  const sounds = syllableSounds(phones);
  return words.flatMap((word) => {
    const places = hanziPlaces(spoken.slice(word.start, word.stop));
    const inside = sounds.filter(
      ({ begin, end }) => begin >= word.begin - SLACK_SECONDS && end <= word.end + SLACK_SECONDS,
    );
    if (places.length === 0 || places.length !== inside.length) return [];
    return places.map(({ text, at }, index) => ({
      text,
      start: word.start + at,
      stop: word.start + at + text.length,
      begin: inside[index]?.begin ?? word.begin,
      end: inside[index]?.end ?? word.end,
    }));
  });
}

function syllableSounds(phones: readonly Phone[]): { begin: number; end: number }[] {
  const sounds: { begin: number; end: number }[] = [];
  let begin: number | undefined;
  for (const { phone, begin: from, end } of phones) {
    const last = sounds.at(-1);
    if (PAUSES.has(phone)) begin = undefined;
    else if (INITIALS.has(phone)) begin = from;
    else if (phone === ERHUA && last) last.end = end;
    else {
      sounds.push({ begin: begin ?? from, end });
      begin = undefined;
    }
  }
  return sounds;
}

/** The characters of a piece of text, without its tags and readings in braces. */
function hanziPlaces(piece: string): { text: string; at: number }[] {
  const bare = piece.replace(/<[^>]*>|\{[^}]*\}/g, (whole) => " ".repeat(whole.length));
  return [...bare.matchAll(/\p{Script=Han}/gu)].map((found) => ({ text: found[0], at: found.index }));
}
