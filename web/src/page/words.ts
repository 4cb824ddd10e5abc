/** The user's own readings of words: kept on the device, given to the engine with every call. */
import { MAX_ENTRIES, parseReadings, type Readings } from "./readings.ts";
import { onOtherTab, readJson, writeJson } from "./storage.ts";

const KEY = "words";

export class OwnWords {
  private entries: Record<string, string> = parseReadings(readJson(KEY));

  /** Of a link that was opened: for this visit only, since anybody can make a link. */
  private borrowed: Readings = {};

  constructor(private readonly onChange: () => void) {
    onOtherTab(KEY, () => {
      this.entries = parseReadings(readJson(KEY));
      this.onChange();
    });
  }

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
