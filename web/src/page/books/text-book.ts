/** A text file as a book: by its headings where it has some, else in stretches of even length. */
import { paragraphs } from "../parts.ts";
import { type Book, type Chapter, plainChapter } from "./book.ts";

const HEADING =
  /^(?:第[零〇一二两三四五六七八九十百千万\d０-９]{1,9}[章节回卷集部篇幕折][^。！？]{0,40}|(?:序[章言幕]|楔子|引子|前言|尾声|后记|番外)[^。！？]{0,30}|chapter\s+[\divxlc]+[^.!?]{0,60})$/i;
/** Characters: what a page draws in an instant. */
const STRETCH = 20_000;

interface Stretch {
  readonly title: string;
  readonly start: number;
  readonly stop: number;
}

export function textBook(title: string, text: string, part: (number: number) => string): Book {
  const lines = paragraphs(text);
  const headed = headings(title, text, lines);
  const stretches = headed.flatMap((one) => shortened(text, one, headed.length === 1 ? part : undefined));
  return {
    title,
    chapters: stretches.map(({ title, start, stop }): Chapter => plainChapter(title, text.slice(start, stop))),
  };
}

function headings(title: string, text: string, lines: ReturnType<typeof paragraphs>): Stretch[] {
  const found: Stretch[] = [];
  let open = { title, start: 0 };
  for (const { start, stop } of lines) {
    const line = text.slice(start, stop);
    if (line.length > 60 || !HEADING.test(line)) continue;
    if (text.slice(open.start, start).trim()) found.push({ ...open, stop: start });
    open = { title: line, start };
  }
  return [...found, { ...open, stop: text.length }];
}

/** part: how to name the stretches of a text without headings; otherwise they keep their heading's name with a number. */
function shortened(text: string, whole: Stretch, part: ((number: number) => string) | undefined): Stretch[] {
  if (whole.stop - whole.start <= STRETCH * 1.5) return [whole];
  const made: Stretch[] = [];
  for (let start = whole.start; start < whole.stop; ) {
    const line = text.indexOf("\n", start + STRETCH);
    const stop = line < 0 || line >= whole.stop ? whole.stop : line + 1;
    const number = made.length + 1;
    made.push({ title: part ? part(number) : `${whole.title} (${number})`, start, stop });
    start = stop;
  }
  return made;
}
