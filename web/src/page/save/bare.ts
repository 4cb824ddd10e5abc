/** A text without its mark-up and the readings in braces, as people read it. */
export interface BareText {
  readonly text: string;
  /** From an offset of the text with mark-up. */
  at(offset: number): number;
}

const READING = "\\{[^{}]{0,70}[a-z][1-5]\\}";
const MARKUP = new RegExp(`<[/a-z][^<>]*>|&(?:lt|gt|amp);|${READING}`, "gi");
const READINGS = new RegExp(READING, "gi");
const REFERENCES: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** Tags are taken away only where the whole is mark-up: elsewhere they are text and are spoken. */
export function bare(source: string, ssml: boolean): BareText {
  const gaps: { readonly start: number; readonly stop: number; readonly text: string }[] = [];
  for (const found of source.matchAll(ssml ? MARKUP : READINGS)) {
    gaps.push({ start: found.index, stop: found.index + found[0].length, text: REFERENCES[found[0]] ?? "" });
  }
  let text = "";
  let at = 0;
  for (const gap of gaps) {
    text += source.slice(at, gap.start) + gap.text;
    at = gap.stop;
  }
  return { text: text + source.slice(at), at: (offset) => moved(gaps, offset) };
}

function moved(gaps: readonly { start: number; stop: number; text: string }[], offset: number): number {
  let shift = 0;
  for (const { start, stop, text } of gaps) {
    if (start >= offset) break;
    shift += Math.min(offset, stop) - start - text.length;
  }
  return offset - shift;
}
