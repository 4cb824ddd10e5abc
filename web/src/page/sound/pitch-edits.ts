/** Syllables whose pitch was dragged: kept by their paragraph's text, spoken through SSML `prosody`. */

import { isSsml } from "../../audio/bare.ts";
import type { Span } from "../../protocol.ts";
import { paragraphs } from "../parts.ts";
import { asWritten, type Part, type Prepare } from "../queue.ts";

/** Semitones, as the engine takes them. */
export const MAX_SEMITONES = 12;
const KEPT_PARAGRAPHS = 200;
const READING = /^\{[^{}]{1,80}\}/;
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

export class PitchEdits {
  private readonly kept = new Map<string, Map<number, number>>();

  get(text: string, at: number): number {
    const paragraph = paragraphAt(text, at);
    return this.kept.get(text.slice(paragraph.start, paragraph.stop))?.get(at - paragraph.start) ?? 0;
  }

  /** at: where the character begins in the whole text. Zero forgets it. */
  set(text: string, at: number, semitones: number): void {
    const paragraph = paragraphAt(text, at);
    const key = text.slice(paragraph.start, paragraph.stop);
    const edits = this.kept.get(key) ?? new Map<number, number>();
    this.kept.delete(key);
    const value = Math.round(Math.min(MAX_SEMITONES, Math.max(-MAX_SEMITONES, semitones)) * 2) / 2;
    if (value === 0) edits.delete(at - paragraph.start);
    else edits.set(at - paragraph.start, value);
    if (edits.size > 0) this.kept.set(key, edits);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > KEPT_PARAGRAPHS && oldest !== undefined) this.kept.delete(oldest);
  }

  get isEmpty(): boolean {
    return this.kept.size === 0;
  }

  clear(): void {
    this.kept.clear();
  }

  /** A part as mark-up where something in it was dragged, else as it is. */
  readonly prepare: Prepare = (text, span) => {
    if (this.isEmpty || isSsml(text)) return asWritten(text, span);
    const found = this.within(text, span);
    return found.size > 0 ? marked(text, span, found) : asWritten(text, span);
  };

  private within(text: string, span: Span): Map<number, number> {
    const start = paragraphAt(text, span.start).start;
    const found = new Map<number, number>();
    for (const paragraph of paragraphs(text.slice(start, span.stop))) {
      // A part may end inside a paragraph, whose key is the whole.
      const whole = paragraphAt(text, start + paragraph.start);
      for (const [at, semitones] of this.kept.get(text.slice(whole.start, whole.stop)) ?? []) {
        const place = whole.start + at;
        if (place >= span.start && place < span.stop) found.set(place, semitones);
      }
    }
    return found;
  }
}

function paragraphAt(text: string, at: number): Span {
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const lineEnd = text.indexOf("\n", at);
  const line = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd);
  const content = line.trim();
  const start = lineStart + line.indexOf(content);
  return { start, stop: start + content.length };
}

/** Tags have no place in the text: an offset inside one is the place where it stands. */
class Written {
  text = "";
  private readonly steps: { readonly at: number; readonly source: number; readonly moves: boolean }[] = [];

  tag(tag: string, source: number): void {
    this.steps.push({ at: this.text.length, source, moves: false });
    this.text += tag;
  }

  copy(char: string, source: number): void {
    const escaped = ESCAPES[char];
    this.steps.push({ at: this.text.length, source, moves: escaped === undefined });
    this.text += escaped ?? char;
  }

  back(offset: number): number {
    let low = 0;
    let high = this.steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.steps[middle]?.at ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const step = this.steps[low - 1];
    if (!step) return this.steps[0]?.source ?? 0;
    return step.source + (step.moves ? offset - step.at : 0);
  }
}

function marked(text: string, span: Span, edits: ReadonlyMap<number, number>): Part {
  const written = new Written();
  written.tag("<speak>", span.start);
  for (const line of paragraphs(text.slice(span.start, span.stop))) {
    written.tag("<p>", span.start + line.start);
    writeLine(written, text, { start: span.start + line.start, stop: span.start + line.stop }, edits);
    written.tag("</p>", span.start + line.stop);
  }
  written.tag("</speak>", span.stop);
  written.tag("", span.stop);
  return { ...span, spoken: written.text, back: (offset) => written.back(offset) };
}

function writeLine(written: Written, text: string, line: Span, edits: ReadonlyMap<number, number>): void {
  for (let at = line.start; at < line.stop; ) {
    const semitones = edits.get(at);
    const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const reading = semitones === undefined ? "" : (READING.exec(text.slice(at + char.length, line.stop))?.[0] ?? "");
    if (semitones !== undefined) written.tag(`<prosody pitch="${semitones > 0 ? "+" : ""}${semitones}st">`, at);
    written.copy(char, at);
    for (let i = 0; i < reading.length; i++) written.copy(reading[i] ?? "", at + char.length + i);
    at += char.length + reading.length;
    if (semitones !== undefined) written.tag("</prosody>", at);
  }
}
