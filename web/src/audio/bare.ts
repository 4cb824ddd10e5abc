import type { SpeechOptions } from "../protocol.ts";

/** A text without its mark-up and the readings in braces, as people read it. */
export interface BareText {
  readonly text: string;
  /** From an offset of the text with mark-up. */
  at(offset: number): number;
}

const READING = "\\{[^{}]{0,70}[a-z][1-5]\\}";
const SKIPPED = "<!--.*?-->|<\\?.*?\\?>|<!\\[CDATA\\[|\\]\\]>|<[/a-z](?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>";
const MARKUP = new RegExp(`${SKIPPED}|&(?:lt|gt|amp|quot|apos|#\\d{1,7}|#x[\\da-f]{1,6});|${READING}`, "gis");
const READINGS = new RegExp(READING, "gi");
const REFERENCES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Mark-up of the whole: such a text cannot be cut. As `py_engine/text/markup` tells it. */
export function isSsml(text: string): boolean {
  return /^\s*(?:<\?xml[^>]*>\s*)?<speak[\s/>]/.test(text);
}

/** A text as it is shown that is spoken with this option. */
export function shown(source: string, markup: SpeechOptions["markup"] = "auto"): BareText {
  if (markup === "none") return { text: source, at: (offset) => offset };
  return bare(source, markup === "ssml" || (markup === "auto" && isSsml(source)));
}

/** Tags are taken away only where the whole is mark-up: elsewhere they are text and are spoken. */
export function bare(source: string, ssml: boolean): BareText {
  const gaps: { readonly start: number; readonly stop: number; readonly text: string }[] = [];
  for (const found of source.matchAll(ssml ? MARKUP : READINGS)) {
    gaps.push({ start: found.index, stop: found.index + found[0].length, text: meant(found[0]) });
  }
  let text = "";
  let at = 0;
  for (const gap of gaps) {
    text += source.slice(at, gap.start) + gap.text;
    at = gap.stop;
  }
  return { text: text + source.slice(at), at: (offset) => moved(gaps, offset) };
}

/** What a reference stands for; nothing for all else. */
function meant(markup: string): string {
  if (!markup.startsWith("&")) return "";
  const name = markup.slice(1, -1);
  if (!name.startsWith("#")) return REFERENCES[name] ?? "";
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "";
}

function moved(gaps: readonly { start: number; stop: number; text: string }[], offset: number): number {
  let shift = 0;
  for (const { start, stop, text } of gaps) {
    if (start >= offset) break;
    shift += Math.min(offset, stop) - start - text.length;
  }
  return offset - shift;
}
