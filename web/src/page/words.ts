/** The user's own readings of words: kept on the device, given to the engine with every call. */
import { readJson, writeJson } from "./storage.ts";

const KEY = "words";
/** The engine's own bounds (`UserLexicon`): a word of 32 characters; as many entries as a person makes. */
const MAX_ENTRIES = 500;
const MAX_WORD = 32;
const MAX_READING = 64;

export type Readings = Readonly<Record<string, string>>;

/** Entries out of anything, such as storage or a link; what is no entry is left out. */
export function parseReadings(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === "string" &&
      entry[0].length > 0 &&
      entry[0].length <= MAX_WORD &&
      entry[1].length > 0 &&
      entry[1].length <= MAX_READING,
  );
  return Object.fromEntries(entries.slice(0, MAX_ENTRIES));
}

export class OwnWords {
  private entries: Record<string, string> = parseReadings(readJson(KEY));

  /** Of a link that was opened: for this visit only, since anybody can make a link. */
  private borrowed: Readings = {};

  constructor(private readonly onChange: () => void) {}

  /** With those of a link, over which the user's own go. */
  all(): Readings {
    return { ...this.borrowed, ...this.entries };
  }

  own(): Readings {
    return this.entries;
  }

  borrow(words: Readings): void {
    this.borrowed = words;
    this.onChange();
  }

  get(word: string): string | undefined {
    return Object.hasOwn(this.entries, word) ? this.entries[word] : undefined;
  }

  /** The oldest goes when there is no room. */
  set(word: string, reading: string): void {
    const { [word]: _, ...others } = this.entries;
    this.keep(Object.fromEntries([...Object.entries(others), [word, reading] as const].slice(-MAX_ENTRIES)));
  }

  remove(word: string): void {
    const { [word]: _, ...others } = this.entries;
    this.keep(others);
  }

  private keep(entries: Record<string, string>): void {
    this.entries = entries;
    writeJson(KEY, entries);
    this.onChange();
  }
}
