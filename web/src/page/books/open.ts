/** A file of any kind that the page reads, by its name. */
import { t } from "../language.ts";
import { type Book, BookError } from "./book.ts";
import { decodeText } from "./encoding.ts";
import { epubBook } from "./epub.ts";
import { subtitleBook } from "./subtitle-book.ts";
import { textBook } from "./text-book.ts";

/** Decoded as a whole; an EPUB is read piece by piece, so it may be larger. */
const MOST_TEXT_BYTES = 40 << 20;
const MOST_EPUB_BYTES = 500 << 20;

export const BOOK_TYPES = ".txt,.md,.epub,.srt,.vtt";

/** Throws BookError. */
export async function openBook(file: File): Promise<Book> {
  const [, name = file.name, extension = ""] = /^(.*)\.([^.]+)$/.exec(file.name) ?? [];
  const kind = extension.toLowerCase();
  const most = kind === "epub" ? MOST_EPUB_BYTES : MOST_TEXT_BYTES;
  if (file.size > most) throw new BookError("large", `${file.name} has ${file.size} bytes, at most ${most} are read.`);
  const book = await read(file, kind, name);
  if (book.chapters.length === 1 && !(await book.chapters[0]?.text())?.trim()) {
    throw new BookError("empty", `${file.name} has no text.`);
  }
  return book;
}

async function read(file: File, kind: string, name: string): Promise<Book> {
  const text = async () => {
    const decoded = decodeText(new Uint8Array(await file.arrayBuffer()));
    if (decoded === undefined) throw new BookError("broken", `${file.name} is no text.`);
    return decoded;
  };
  switch (kind) {
    case "epub":
      return epubBook(file, name, (number) => t("book.chapter", { number }));
    case "srt":
    case "vtt":
      return subtitleBook(name, await text());
    case "txt":
    case "md":
      return textBook(name, await text(), (number) => t("book.part", { number }));
    default:
      throw new BookError("kind", `${file.name} is of no kind that is read here.`);
  }
}
