/** A book as the page reads it: chapters whose text comes when it is wanted. */
export interface Chapter {
  readonly title: string;
  text(): Promise<string>;
}

export interface Book {
  readonly title: string;
  readonly chapters: readonly Chapter[];
}

/** What went wrong with a file, for the page to say. */
export type BookFault = "kind" | "large" | "broken" | "empty";

export class BookError extends Error {
  override readonly name = "BookError";

  constructor(
    readonly fault: BookFault,
    message: string,
  ) {
    super(message);
  }
}

export function plainChapter(title: string, text: string): Chapter {
  return { title, text: async () => text };
}
