/** Subtitles from chunks: SubRip, and WebVTT with the time of every word (W3C, WebVTT, cue timestamps). */
import { QingshengError } from "../errors.ts";
import type { Chunk, SpeechOptions, Word } from "../protocol.ts";
import { shown } from "./bare.ts";

export type SubtitleFormat = "srt" | "vtt";

/** Scripts without types pass anything. Throws `option.invalid`. */
export function checkedFormat(format: unknown): SubtitleFormat {
  if (format === "srt" || format === "vtt") return format;
  throw new QingshengError("option.invalid", `format is ${format}, expected srt or vtt.`, "Take one of the two.");
}

interface Cue {
  readonly begin: number;
  readonly end: number;
  readonly words: readonly Word[];
}

/** A line that can be read at a glance: 20 characters and 7 s. */
const MOST_CHARACTERS = 20;
const MOST_SECONDS = 7;
/** What may stand at the end of a line, with the marks that close it. */
const CLOSING = /^[\p{P}\p{S}\s]*/u;
const BREAK = /[，、；：。！？,;:!?…\n]/;

/** Of a chunk what its subtitles need: how long it is, not its sound. */
export type SubtitledChunk = Pick<Chunk, "words" | "sentence" | "sampleRate"> & {
  readonly samples: { readonly length: number };
};

/** source: the text that the chunks speak, which their spans refer to. markup: as it was spoken; what is marked up is left out. */
export function encodeSubtitles(
  chunks: readonly SubtitledChunk[],
  source: string,
  format: SubtitleFormat,
  markup: SpeechOptions["markup"] = "auto",
): string {
  const { text, at } = shown(source, markup);
  const words = timedWords(chunks).map((sentence) => sentence.map((word) => moved(word, at)));
  const cues = [...cuesOf(words, text)];
  const line = format === "vtt" ? (cue: Cue) => timedLine(cue, text) : (cue: Cue) => plainLine(cue, text);
  const blocks = cues.map(
    (cue, at) => `${at + 1}\n${time(cue.begin, format)} --> ${time(cue.end, format)}\n${line(cue)}\n`,
  );
  return (format === "vtt" ? "WEBVTT\n\n" : "") + blocks.join("\n");
}

function moved(word: Word, at: (offset: number) => number): Word {
  return { ...word, start: at(word.start), stop: at(word.stop) };
}

function timedWords(chunks: readonly SubtitledChunk[]): Word[][] {
  const sentences: Word[][] = [];
  let at = 0;
  let last: number | undefined;
  for (const { words, sentence, samples, sampleRate } of chunks) {
    if (sentence !== last) sentences.push([]);
    last = sentence;
    const shift = at;
    sentences.at(-1)?.push(...words.map((word) => ({ ...word, begin: word.begin + shift, end: word.end + shift })));
    at += samples.length / sampleRate;
  }
  return sentences;
}

function* cuesOf(sentences: readonly Word[][], text: string): Generator<Cue> {
  for (const words of sentences) {
    let open: Word[] = [];
    for (const word of words) {
      const first = open[0];
      const long = first && (word.stop - first.start > MOST_CHARACTERS || word.end - first.begin > MOST_SECONDS);
      if (long) yield* cue(open.splice(0));
      open.push(word);
      if (BREAK.test(behind(word, text)) && length(open) * 2 >= MOST_CHARACTERS) yield* cue(open.splice(0));
    }
    yield* cue(open);
    open = [];
  }
}

function* cue(words: readonly Word[]): Generator<Cue> {
  const [first, last] = [words[0], words.at(-1)];
  if (first && last) yield { begin: first.begin, end: last.end, words };
}

function length(words: readonly Word[]): number {
  return (words.at(-1)?.stop ?? 0) - (words[0]?.start ?? 0);
}

/** The marks that follow a word. */
function behind(word: Word, text: string): string {
  return CLOSING.exec(text.slice(word.stop))?.[0] ?? "";
}

function written(cue: Cue, text: string): { word: Word; text: string }[] {
  return cue.words.map((word, at) => {
    const next = cue.words[at + 1];
    const stop = next ? next.start : word.stop + behind(word, text).trimEnd().length;
    return { word, text: text.slice(word.start, stop).replace(/\s+/g, " ") };
  });
}

function plainLine(cue: Cue, text: string): string {
  return written(cue, text)
    .map(({ text }) => text)
    .join("");
}

function timedLine(cue: Cue, text: string): string {
  const escaped = (part: string) => part.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return written(cue, text)
    .map(({ word, text }, at) => (at === 0 ? "" : `<${time(word.begin, "vtt")}>`) + escaped(text))
    .join("");
}

function time(seconds: number, format: SubtitleFormat): string {
  const whole = Math.round(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, whole % 60_000];
  const separator = format === "srt" ? "," : ".";
  return `${two(hours)}:${two(minutes)}:${two(Math.floor(rest / 1000))}${separator}${String(rest % 1000).padStart(3, "0")}`;
}
