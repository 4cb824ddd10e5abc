/** The text of the field and how far it was read, for a visit that was broken off: a tab's own comes before what any wrote last. */
import { DEVICE, forget, read, readJson, TAB, write, writeJson } from "./storage.ts";

const TEXT = "draft";
const PLACE = "draft.place";
/** Characters; browsers keep about five million in all. */
const LONGEST = 1_000_000;
const WRITE_AFTER_MS = 400;

export class Draft {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: string | undefined;

  constructor() {
    window.addEventListener("pagehide", () => this.flush());
  }

  /** This tab's, else what was written last in any; empty where there is none. */
  get text(): string {
    return read(TEXT, TAB) ?? read(TEXT) ?? "";
  }

  /** Where the voice was; 0 where it had come to the end, or the text is another one. */
  place(text: string): number {
    const kept = (readJson(PLACE, TAB) ?? readJson(PLACE)) as Record<string, unknown> | undefined;
    const { offset, length } = kept ?? {};
    const sound = length === text.length && typeof offset === "number" && Number.isInteger(offset);
    return sound && offset > 0 && offset < text.length ? offset : 0;
  }

  /** Not at every key: a long text takes its time. */
  keep(text: string): void {
    this.waiting = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), WRITE_AFTER_MS);
  }

  reached(offset: number, text: string): void {
    for (const area of [TAB, DEVICE]) {
      if (offset === 0) forget(PLACE, area);
      else writeJson(PLACE, { offset, length: text.length }, area);
    }
  }

  private flush(): void {
    clearTimeout(this.timer);
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting === undefined) return;
    const kept = waiting.length <= LONGEST && waiting.trim() ? waiting : "";
    // An old text in place of the new one would be worse than none; a tab that was emptied does not take that of another.
    if (!write(TEXT, kept, TAB)) forget(TEXT, TAB);
    if (!kept || !write(TEXT, kept)) forget(TEXT);
  }
}
