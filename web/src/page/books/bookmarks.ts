/** Where a reader was in each book: by the book's title and size of its contents, since files have no address. */
import { readJson, writeJson } from "../storage.ts";
import type { Book } from "./book.ts";

const KEY = "bookmarks";
const MOST = 60;

export interface Bookmark {
  readonly chapter: number;
  /** Of the chapter's text. */
  readonly offset: number;
}

type Kept = Record<string, Bookmark>;

export function bookmark(book: Book): Bookmark {
  const { chapter, offset } = kept()[key(book)] ?? { chapter: 0, offset: 0 };
  return chapter < book.chapters.length ? { chapter, offset } : { chapter: 0, offset: 0 };
}

export function keepBookmark(book: Book, mark: Bookmark): void {
  const { [key(book)]: _, ...others } = kept();
  writeJson(KEY, Object.fromEntries([...Object.entries(others), [key(book), mark] as const].slice(-MOST)));
}

function key({ title, chapters }: Book): string {
  return `${title.slice(0, 80)}|${chapters.length}`;
}

function kept(): Kept {
  const value = readJson(KEY);
  if (typeof value !== "object" || value === null) return {};
  const sound = Object.entries(value).filter(
    ([, mark]) =>
      Number.isInteger(mark?.chapter) && mark.chapter >= 0 && Number.isInteger(mark?.offset) && mark.offset >= 0,
  );
  return Object.fromEntries(sound);
}
