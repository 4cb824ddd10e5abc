/** The text field, the examples below it, and how much there is. */

import { isSsml } from "../audio/bare.ts";
import { element } from "./dom.ts";
import { EXAMPLES } from "./examples.ts";
import { onLanguage, t } from "./language.ts";
import { CALL_LIMIT, codePoints, PART_LIMIT } from "./parts.ts";

/** Characters from which on the field keeps its height. */
const LONG = 5000;

/** Characters and lines from which on a pasted text is a book: a field with more takes part of a second for every key. */
const BOOK = 100_000;
const BOOK_LINES = 3000;

export class Writing {
  private readonly panel = element("writing", HTMLElement);
  private readonly field = element("text", HTMLTextAreaElement);
  private readonly count = element("count", HTMLOutputElement);

  /** onBook: a text was pasted that is too long to be written in. */
  constructor(
    private readonly onInput: () => void,
    onBook: (text: string) => void,
  ) {
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text.length <= BOOK && !linesOver(text, BOOK_LINES)) return;
      event.preventDefault();
      onBook(text);
    });
    this.offerExamples();
    onLanguage(() => this.showCount());
    this.showCount();
  }

  get text(): string {
    return this.field.value;
  }

  set text(value: string) {
    this.field.value = value;
    this.changed();
  }

  show(): void {
    this.panel.hidden = false;
  }

  hide(): void {
    this.panel.hidden = true;
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  private changed(): void {
    this.showCount();
    this.onInput();
  }

  private showCount(): void {
    const count = codePoints(this.text);
    const over = isSsml(this.text) && count > CALL_LIMIT;
    const key = over ? "text.markup" : count > PART_LIMIT ? "text.parts" : "text.count";
    this.count.textContent = t(key, { count, limit: CALL_LIMIT });
    this.count.dataset.over = String(over);
    this.field.dataset.long = String(count > LONG);
  }

  private offerExamples(): void {
    for (const chip of element("examples", HTMLElement).querySelectorAll<HTMLElement>("button")) {
      const text = EXAMPLES[chip.dataset.text ?? ""];
      if (text === undefined) throw new Error(`There is no example ${chip.dataset.text}`);
      chip.addEventListener("click", () => {
        this.text = text;
      });
    }
  }
}

function linesOver(text: string, most: number): boolean {
  let at = -1;
  for (let count = 0; count < most; count++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return false;
  }
  return true;
}
