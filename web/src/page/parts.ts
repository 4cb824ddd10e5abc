/** A long text as parts that the engine takes one at a time, and as the paragraphs that a reader sees. */
import { isSsml } from "../audio/bare.ts";
import type { Span } from "../protocol.ts";

/** The engine's limit for one call, in code points. */
export const CALL_LIMIT = 5000;
/** Long enough that the gap between two parts is rare, short enough that a part is quickly analysed. */
export const PART_LIMIT = 1200;

const SENTENCE_END = /[。！？!?…；;][”’」』）)]*/g;

export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The lines that hold something, without the blanks around them. */
export function paragraphs(text: string): Span[] {
  if (isSsml(text)) return [{ start: 0, stop: text.length }];
  const found: Span[] = [];
  for (const line of text.matchAll(/[^\r\n]+/g)) {
    const content = line[0].trim();
    if (!content) continue;
    const start = line.index + line[0].indexOf(content);
    found.push({ start, stop: start + content.length });
  }
  return found;
}

/** Parts from an offset on, whole paragraphs together as far as the limit goes. Made as they are taken. */
export function* parts(text: string, from = 0, limit = PART_LIMIT): Generator<Span, void, undefined> {
  if (isSsml(text)) {
    yield { start: 0, stop: text.length };
    return;
  }
  let open: (Span & { readonly count: number }) | undefined;
  for (const whole of paragraphs(text)) {
    if (whole.stop <= from) continue;
    for (const piece of pieces(text, { start: Math.max(from, whole.start), stop: whole.stop }, limit)) {
      const count = codePoints(text.slice(piece.start, piece.stop));
      if (open && open.count + count <= limit) {
        open = { start: open.start, stop: piece.stop, count: open.count + count };
      } else {
        if (open) yield { start: open.start, stop: open.stop };
        open = { ...piece, count };
      }
    }
  }
  if (open) yield { start: open.start, stop: open.stop };
}

/** A paragraph, cut behind sentences where it is over the limit, and anywhere where a sentence is. */
export function* pieces(text: string, span: Span, limit: number): Generator<Span, void, undefined> {
  let { start } = span;
  while (start < span.stop) {
    const stop = cut(text, start, span.stop, limit);
    yield { start, stop };
    start = stop;
  }
}

function cut(text: string, start: number, end: number, limit: number): number {
  // The limit is in code points, of which each is at least one unit.
  const most = after(text, start, limit, end);
  if (most >= end) return end;
  let stop = 0;
  for (const found of text.slice(start, most).matchAll(SENTENCE_END)) stop = start + found.index + found[0].length;
  if (stop > start) return stop;
  // Never between a character and its reading in braces.
  const brace = text.lastIndexOf("{", most - 1);
  const closed = text.indexOf("}", brace);
  return brace > start + 1 && closed >= most && closed - brace < 80 ? brace - 1 : most;
}

/** The offset some code points further on. */
function after(text: string, start: number, count: number, end: number): number {
  let at = start;
  for (let left = count; left > 0 && at < end; left--) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}
