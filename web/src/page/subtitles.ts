/** Subtitles out of timed words: lines that a reader takes in at one look, as SRT or WebVTT. */
import type { Span } from "../protocol.ts";

/** Seconds from the beginning of the sound. */
export interface TimedText extends Span {
  readonly begin: number;
  readonly end: number;
}

export interface Cue {
  readonly begin: number;
  readonly end: number;
  readonly text: string;
}

/** Characters of a line: about 16 are usual on Chinese television. */
const COMFORTABLE = 14;
const LONGEST = 22;
/** So long a silence ends a line. */
const GAP_SECONDS = 0.6;
const SENTENCE_END = /[。！？!?…；;\n]/;
const CLAUSE_END = /[，,、：:—]/;

/** source: the text that the spans belong to. */
export function cues(source: string, words: readonly TimedText[]): Cue[] {
  const lines: Cue[] = [];
  let open: TimedText[] = [];
  const close = (stop: number) => {
    const first = open[0];
    const last = open.at(-1);
    if (first && last) {
      const text = shown(source.slice(first.start, stop));
      if (text) lines.push({ begin: first.begin, end: last.end, text });
    }
    open = [];
  };
  for (const [index, word] of words.entries()) {
    open.push(word);
    const next = words[index + 1];
    const after = source.slice(word.stop, next?.start ?? source.length);
    const length = word.stop - (open[0]?.start ?? word.start);
    const ends =
      !next ||
      SENTENCE_END.test(after) ||
      (CLAUSE_END.test(after) && length >= COMFORTABLE) ||
      length + (next.stop - next.start) > LONGEST ||
      next.begin - word.end > GAP_SECONDS;
    if (ends) close(word.stop + (/^[^\S\n]*[^\p{L}\p{N}\s<{]*/u.exec(after)?.[0].length ?? 0));
  }
  return lines;
}

/** Without mark-up and readings in braces. */
function shown(text: string): string {
  return text
    .replace(/<[^>]*>|\{[^}]*\}/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

export function asSrt(lines: readonly Cue[]): string {
  return lines
    .map(({ begin, end, text }, at) => `${at + 1}\r\n${clock(begin, ",")} --> ${clock(end, ",")}\r\n${text}\r\n`)
    .join("\r\n");
}

/** WebVTT takes no line that holds an arrow, and & and < as references (W3C WebVTT, 3.1). */
export function asVtt(lines: readonly Cue[]): string {
  const safe = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("-->", "--&gt;");
  return `WEBVTT\n\n${lines
    .map(({ begin, end, text }) => `${clock(begin, ".")} --> ${clock(end, ".")}\n${safe(text)}\n`)
    .join("\n")}`;
}

function clock(seconds: number, point: string): string {
  const all = Math.round(seconds * 1000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const [hours, minutes, rest] = [all / 3_600_000, (all / 60_000) % 60, (all / 1000) % 60];
  return `${two(hours)}:${two(minutes)}:${two(rest)}${point}${String(all % 1000).padStart(3, "0")}`;
}
