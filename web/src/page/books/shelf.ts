/** The book that is open: its title, its chapters, where the reader is. */
import { button, element } from "../dom.ts";
import { onLanguage, t } from "../language.ts";
import { type Book, BookError } from "./book.ts";
import { bookmark, keepBookmark } from "./bookmarks.ts";
import { KeptBook } from "./kept-book.ts";
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
  private readonly offer = element("book-kept", HTMLElement);
  private readonly offered = element("book-kept-title", HTMLElement);
  private readonly kept = new KeptBook();
  private open: Open | undefined;
  private opening = 0;
  /** The title of the book that is on its way from the visit before. */
  private returning: string | undefined;

  constructor(private readonly events: ShelfEvents) {
    this.file.accept = BOOK_TYPES;
    this.file.addEventListener("change", () => {
      const [file] = this.file.files ?? [];
      if (file) void this.take(file);
      this.file.value = "";
    });
    button("open-book", () => this.file.click());
    button("book-close", () => this.close());
    button("book-reopen", () => void this.reopen());
    button("book-forget", () => this.forget());
    this.previous = button("chapter-previous", () => void this.go(-1));
    this.following = button("chapter-next", () => void this.go(1));
    this.chapters.addEventListener("change", () => void this.turn(this.chapters.selectedIndex, 0));
    onLanguage(() => this.draw());
  }

  /** The chapter's text; undefined where no book is open. */
  get text(): string | undefined {
    return this.open?.text ?? (this.returning === undefined ? undefined : "");
  }

  /** A reading was put into the chapter: for as long as it is open. */
  set text(text: string) {
    if (this.open) this.open.text = text;
  }

  get name(): string {
    return this.open ? `${this.open.book.title} · ${this.open.book.chapters[this.open.chapter]?.title ?? ""}` : "";
  }

  /** Opens a file, and keeps it on the device until another one comes or it is closed. */
  async take(file: File): Promise<void> {
    const book = await this.read(file);
    if (!book) return;
    const kept = await this.kept.keep(file, book.title);
    if (this.open?.book === book) {
      if (!kept) this.events.onProblem(t("book.unkept"));
    } else {
      this.kept.mark(false);
      this.draw();
    }
  }

  /** Whether a book was open when the page was left. */
  get leftOpen(): boolean {
    return this.kept.note?.open ?? false;
  }

  /** Shows that the book of the visit before is on its way. */
  announce(): void {
    this.returning = this.kept.note?.title;
    this.draw();
  }

  /** The book of the visit before. Whether it is there again. */
  async reopen(): Promise<boolean> {
    const file = await this.kept.file();
    const turn = this.opening + 1;
    const book = file && (await this.read(file));
    this.returning = undefined;
    if (book) this.kept.mark(true);
    // Gone or broken; not where another book was quicker.
    else if (!file || this.opening === turn) this.forget();
    return book !== undefined;
  }

  private async read(file: File): Promise<Book | undefined> {
    this.opening += 1;
    const mine = this.opening;
    try {
      const book = await openBook(file);
      if (mine !== this.opening) return undefined;
      const before = this.open;
      this.open = { book, chapter: 0, text: "" };
      this.returning = undefined;
      const { chapter, offset } = bookmark(book);
      if ((await this.turn(chapter, offset)) || (chapter > 0 && (await this.turn(0, 0)))) return book;
      // Neither where it was left nor its beginning can be read.
      if (this.open?.book === book) this.open = before;
      this.draw();
      return undefined;
    } catch (error) {
      this.tell(error, file.name);
      return undefined;
    }
  }

  /** Whether there is one that can be read. */
  async next(): Promise<boolean> {
    const { open } = this;
    return open !== undefined && open.chapter + 1 < open.book.chapters.length && this.turn(open.chapter + 1, 0);
  }

  /** Where the voice or the reader is. */
  keep(offset: number): void {
    if (this.open) keepBookmark(this.open.book, { chapter: this.open.chapter, offset });
  }

  /** Closes it; it can be had again. */
  putAway(): void {
    if (!this.open) return;
    this.open = undefined;
    this.kept.mark(false);
    this.draw();
    this.events.onClose();
  }

  private close(): void {
    this.opening += 1;
    this.forget();
    this.putAway();
  }

  private forget(): void {
    void this.kept.forget();
    this.draw();
  }

  private go(by: number): Promise<boolean> {
    return this.turn((this.open?.chapter ?? 0) + by, 0);
  }

  /** Whether it is open now. One that cannot be read is told of, and the one before stays. */
  private async turn(chapter: number, offset: number): Promise<boolean> {
    const { open } = this;
    const wanted = open?.book.chapters[chapter];
    if (!open || !wanted) return false;
    const text = await wanted.text().catch((error: unknown) => this.tell(error, wanted.title));
    if (this.open?.book !== open.book) return false;
    if (text !== undefined) {
      this.open = { book: open.book, chapter, text };
      this.keep(offset);
    }
    this.draw();
    if (text !== undefined) this.events.onChapter(text, Math.min(offset, text.length));
    return text !== undefined;
  }

  private tell(error: unknown, name: string): undefined {
    this.events.onProblem(t(`book.fault.${error instanceof BookError ? error.fault : "broken"}`, { name }));
  }

  private draw(): void {
    const { open, returning } = this;
    const { note } = this.kept;
    this.offer.hidden = open !== undefined || note === undefined;
    this.offered.textContent = t("book.reopen", { title: note?.title ?? "" });
    this.bar.hidden = open === undefined && returning === undefined;
    if (!open) {
      this.title.textContent = returning ?? "";
      return;
    }
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
