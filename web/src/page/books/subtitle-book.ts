/** Subtitles as a text to read: every cue a paragraph, without numbers, times and tags. */
import { type Book, plainChapter } from "./book.ts";

const TIMES = /^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s+-->\s+/;
const REFERENCES: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&nbsp;": " " };

export function subtitleBook(title: string, source: string): Book {
  const blocks = source.replace(/\r\n?/g, "\n").split(/\n{2,}/);
  const cues = blocks.flatMap((block) => {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    return at < 0 ? [] : [shown(lines.slice(at + 1))];
  });
  return { title, chapters: [plainChapter(title, cues.filter(Boolean).join("\n"))] };
}

function shown(lines: readonly string[]): string {
  return lines
    .map((line) =>
      line
        .replace(/<[^>]*>|\{\\[^}]*\}/g, "")
        .replace(/&(?:lt|gt|amp|nbsp);/g, (reference) => REFERENCES[reference] ?? reference)
        .trim(),
    )
    .filter(Boolean)
    .join("，");
}
