/** From an explanation to what is drawn: words of ruby units, and the text between them. */
import type { ExplainedSyllable, ExplainedWord, Explanation, Span } from "../protocol.ts";
import { marked } from "./pinyin.ts";

/** Written characters that are read together: one hanzi, or a number with all its syllables. Offsets of the source. */
export interface Unit extends Span {
  readonly text: string;
  /** With tone marks; empty for Latin words, whose syllables are the voice's and nobody's spelling. */
  readonly pinyin: string;
  readonly syllables: readonly ExplainedSyllable[];
}

export interface LaidWord extends Span {
  readonly kind: "word";
  /** As spoken. */
  readonly text: string;
  readonly units: readonly Unit[];
  /** Closing punctuation: it does not begin a line. */
  readonly tail: string;
}

export interface LaidText extends Span {
  readonly kind: "text";
  readonly text: string;
}

export type Laid = LaidWord | LaidText;

const CLOSING = /^[，。！？、；：…—～,.!?;:)）」』】》〉”’%％]+/;

/** The source without its mark-up, in order. */
export function layOut(source: string, { tokens, words }: Explanation): Laid[] {
  const hidden = tokens.filter(({ rule, text }) => rule === "mark-up" || (rule === "pause" && text.startsWith("<")));
  const shown = (start: number, stop: number) => visible(source, start, stop, hidden);
  const laid: Laid[] = [];
  let at = 0;
  for (const group of overlapping(words)) {
    addText(laid, shown(at, group.start), at, group.start);
    laid.push({
      kind: "word",
      start: group.start,
      stop: group.stop,
      text: group.words.map(({ text }) => text).join(""),
      units: units(group.words, shown),
      tail: "",
    });
    at = group.stop;
  }
  addText(laid, shown(at, source.length), at, source.length);
  return laid;
}

const OPENING_AT_END = /[（《〈「『【〔“‘(<[{]$/;
const WIDE = /[\p{Script=Han}，。！？、；：…—～（）《》〈〉「」『』【】“”]/u;

/**
 * Whether a line may end between two of them, where at least one side is written without spaces. To be said to Firefox (153): it
 * does not break beside a ruby whose words are not to be broken.
 */
export function mayBreakBetween(before: Laid, after: Laid): boolean {
  const left = before.text + (before.kind === "word" ? before.tail : "");
  const last = Array.from(left).at(-1) ?? "";
  const first = Array.from(after.text)[0] ?? "";
  if (OPENING_AT_END.test(left) || CLOSING.test(first) || /\s/u.test(last + first)) return false;
  return WIDE.test(last) || WIDE.test(first);
}

function visible(source: string, start: number, stop: number, hidden: readonly Span[]): string {
  let text = "";
  let at = start;
  for (const gap of hidden) {
    if (gap.stop <= at || gap.start >= stop) continue;
    text += source.slice(at, Math.max(at, gap.start));
    at = Math.max(at, gap.stop);
  }
  return text + source.slice(at, Math.max(at, stop));
}

function addText(laid: Laid[], text: string, start: number, stop: number): void {
  if (!text) return;
  const before = laid.at(-1);
  const tail = before?.kind === "word" ? (CLOSING.exec(text)?.[0] ?? "") : "";
  if (before?.kind === "word" && tail) laid[laid.length - 1] = { ...before, tail };
  if (text.length > tail.length) laid.push({ kind: "text", text: text.slice(tail.length), start, stop });
}

interface Group extends Span {
  readonly words: readonly ExplainedWord[];
}

/** Several words may be said for one sign (￥3): they are drawn as one. */
function overlapping(words: readonly ExplainedWord[]): Group[] {
  const groups: Group[] = [];
  for (const word of [...words].sort((a, b) => a.start - b.start)) {
    const last = groups.at(-1);
    if (last && word.start < last.stop) {
      groups[groups.length - 1] = {
        start: last.start,
        stop: Math.max(last.stop, word.stop),
        words: [...last.words, word],
      };
    } else {
      groups.push({ start: word.start, stop: word.stop, words: [word] });
    }
  }
  return groups;
}

function units(words: readonly ExplainedWord[], shown: (start: number, stop: number) => string): Unit[] {
  const made: Unit[] = [];
  for (const syllable of words.flatMap((word) => word.syllables)) {
    const last = made.at(-1);
    const latin = (one: ExplainedSyllable | undefined) => one?.reason === "latin";
    const together = last && (syllable.start < last.stop || (latin(syllable) && latin(last.syllables[0])));
    const start = together ? last.start : syllable.start;
    const stop = together ? Math.max(last.stop, syllable.stop) : syllable.stop;
    const syllables = together ? [...last.syllables, syllable] : [syllable];
    const unit = { start, stop, text: shown(start, stop), pinyin: pinyinOf(syllables), syllables };
    if (together) made[made.length - 1] = unit;
    else made.push(unit);
  }
  return made;
}

function pinyinOf(syllables: readonly ExplainedSyllable[]): string {
  return syllables
    .filter(({ reason }) => reason !== "latin")
    .map(({ pinyin, tone }) => marked(`${pinyin}${tone}`))
    .join(" ");
}

const HANZI = /^\p{Script=Han}+$/u;

/** A word whose reading can be given as a whole: its toned syllables before sandhi, one for each character. */
export function wordReading(word: LaidWord): string[] | undefined {
  const syllables = word.units.flatMap((unit) => unit.syllables);
  const single = word.units.every((unit) => unit.syllables.length === 1);
  if (!single || !HANZI.test(word.text) || word.units.map(({ text }) => text).join("") !== word.text) return undefined;
  return syllables.map(({ pinyin, lexical_tone }) => `${pinyin}${lexical_tone}`);
}
