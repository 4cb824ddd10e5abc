/** The book that is open: its title, its chapters, where the reader is. */
import { button, element } from "../dom.ts";
import { onLanguage, t } from "../language.ts";
import { type Book, BookError } from "./book.ts";
import { bookmark, keepBookmark } from "./bookmarks.ts";
import { BOOK_TYPES, openBook } from "./open.ts";

export interface ShelfEvents {
  /** A chapter is to be shown, and read from this offset if the book goes on by itself. */
  onChapter(text: string, offset: number): void;
  onClose(): void;
  onProblem(message: string): void;
}

interface Open {
  readonly book: Book;
  readonly chapter: number;
  text: string;
}

export class Shelf {
  private readonly bar = element("book", HTMLElement);
  private readonly title = element("book-title", HTMLElement);
  private readonly chapters = element("chapter", HTMLSelectElement);
  private readonly file = element("book-file", HTMLInputElement);
  private readonly previous: HTMLButtonElement;
  private readonly following: HTMLButtonElement;
  private open: Open | undefined;
  private opening = 0;

  constructor(private readonly events: ShelfEvents) {
    this.file.accept = BOOK_TYPES;
    this.file.addEventListener("change", () => {
      const [file] = this.file.files ?? [];
      if (file) void this.take(file);
      this.file.value = "";
    });
    button("open-book", () => this.file.click());
    button("book-close", () => this.close());
    this.previous = button("chapter-previous", () => void this.go(-1));
    this.following = button("chapter-next", () => void this.go(1));
    this.chapters.addEventListener("change", () => void this.turn(this.chapters.selectedIndex, 0));
    onLanguage(() => this.draw());
  }

  /** The chapter's text; undefined where no book is open. */
  get text(): string | undefined {
    return this.open?.text;
  }

  /** A reading was put into the chapter: for as long as it is open. */
  set text(text: string) {
    if (this.open) this.open.text = text;
  }

  get name(): string {
    return this.open ? `${this.open.book.title} · ${this.open.book.chapters[this.open.chapter]?.title ?? ""}` : "";
  }

  async take(file: File): Promise<void> {
    this.opening += 1;
    const mine = this.opening;
    try {
      const book = await openBook(file);
      if (mine !== this.opening) return;
      this.open = { book, chapter: 0, text: "" };
      const { chapter, offset } = bookmark(book);
      await this.turn(chapter, offset);
    } catch (error) {
      this.events.onProblem(
        t(`book.fault.${error instanceof BookError ? error.fault : "broken"}`, { name: file.name }),
      );
    }
  }

  /** Whether there is one. */
  async next(): Promise<boolean> {
    const { open } = this;
    if (!open || open.chapter + 1 >= open.book.chapters.length) return false;
    await this.turn(open.chapter + 1, 0);
    return true;
  }

  /** Where the voice or the reader is. */
  keep(offset: number): void {
    if (this.open) keepBookmark(this.open.book, { chapter: this.open.chapter, offset });
  }

  close(): void {
    if (!this.open) return;
    this.open = undefined;
    this.draw();
    this.events.onClose();
  }

  private go(by: number): Promise<void> {
    return this.turn((this.open?.chapter ?? 0) + by, 0);
  }

  private async turn(chapter: number, offset: number): Promise<void> {
    const { open } = this;
    const wanted = open?.book.chapters[chapter];
    if (!open || !wanted) return;
    const text = await wanted.text();
    if (this.open?.book !== open.book) return;
    this.open = { book: open.book, chapter, text };
    this.keep(offset);
    this.draw();
    this.events.onChapter(text, Math.min(offset, text.length));
  }

  private draw(): void {
    const { open } = this;
    this.bar.hidden = open === undefined;
    if (!open) return;
    const { book, chapter } = open;
    this.title.textContent = book.title;
    if (this.chapters.length !== book.chapters.length || this.chapters.options[0]?.text !== book.chapters[0]?.title) {
      this.chapters.replaceChildren(...book.chapters.map(({ title }) => new Option(title)));
    }
    this.chapters.selectedIndex = chapter;
    this.previous.disabled = chapter === 0;
    this.following.disabled = chapter + 1 >= book.chapters.length;
  }
}
