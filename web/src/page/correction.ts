/** The small window on a syllable: why it is read so, how else it may be, and the user's own word for it. */
import { button, createButton, element } from "./dom.ts";
import { onLanguage, t } from "./language.ts";
import { wordReading } from "./layout.ts";
import type { Picked } from "./paragraph.ts";
import { marked, numbered } from "./pinyin.ts";
import { reasonText, sandhiText } from "./reasons.ts";

/**
 * What the user chose. `word`: the reading holds wherever the word stands; kept apart from the text, so it outlives any edit.
 * `here`: for this place only; written into the text behind its characters, so it moves with them.
 */
export type Correction =
  | { readonly kind: "word"; readonly word: string; readonly start: number; readonly reading: string }
  | { readonly kind: "here"; readonly start: number; readonly stop: number; readonly reading: string }
  | { readonly kind: "undo"; readonly word: string; readonly start: number; readonly stop: number };

export interface CorrectionEvents {
  /** Spans are those of the paragraph. Resolves to whether the engine takes the reading. */
  onCorrect(correction: Correction, offset: number): Promise<boolean>;
  onListen(word: string, reading: string | undefined): void;
  /** Whether the word has a reading of the user's. */
  isOwn(word: string): boolean;
}

interface Open {
  readonly picked: Picked;
  readonly offset: number;
  /** Of the whole word; undefined where only the place itself can be corrected. */
  readonly reading: readonly string[] | undefined;
  readonly source: string;
}

export class CorrectionWindow {
  private readonly window = element("correction", HTMLElement);
  private readonly title = element("correction-title", HTMLElement);
  private readonly reason = element("correction-reason", HTMLElement);
  private readonly choices = element("correction-choices", HTMLElement);
  private readonly form = element("correction-form", HTMLFormElement);
  private readonly own = element("correction-own", HTMLInputElement);
  private readonly problem = element("correction-problem", HTMLElement);
  private readonly scope = element("correction-scope", HTMLFieldSetElement);
  private readonly everywhere = element("correction-everywhere", HTMLInputElement);
  private readonly here = element("correction-here", HTMLInputElement);
  private readonly everywhereText = element("correction-everywhere-text", HTMLElement);
  private readonly undo: HTMLButtonElement;
  private open: Open | undefined;

  constructor(private readonly events: CorrectionEvents) {
    button("correction-close", () => this.close());
    button("correction-listen", () => this.listen());
    this.undo = button("correction-undo", () => this.takeBack());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.typed();
    });
    this.window.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState === "closed") this.left();
    });
    onLanguage(() => this.close());
    window.addEventListener("resize", () => this.open && this.place(this.open.picked.element));
  }

  show(picked: Picked, offset: number, source: string): void {
    this.close();
    this.open = { picked, offset, source, reading: wordReading(picked.word) };
    this.fill(this.open);
    this.window.showPopover();
    this.place(picked.element);
    (this.choices.querySelector<HTMLElement>("[aria-pressed=true]") ?? this.own).focus();
  }

  close(): void {
    if (this.window.matches(":popover-open")) this.window.hidePopover();
  }

  private left(): void {
    const { open } = this;
    this.open = undefined;
    const { activeElement } = document;
    const nowhere = !activeElement || activeElement === document.body || this.window.contains(activeElement);
    if (open?.picked.element.isConnected && nowhere) open.picked.element.focus({ preventScroll: true });
  }

  private fill({ picked, reading, source }: Open): void {
    const { word, unit } = picked;
    const [first] = unit.syllables;
    this.title.textContent = t("correct.title", { text: unit.text });
    const why = first ? [reasonText(first), sandhiText(first)].filter(Boolean) : [];
    this.reason.textContent = `${unit.pinyin} · ${why.join("；")}`;
    const now = first ? `${first.pinyin}${first.lexical_tone}` : "";
    const known = [...new Set([now, ...(first?.alternatives ?? [])])].filter(Boolean);
    this.choices.replaceChildren(...(unit.syllables.length === 1 ? known : []).map((one) => this.choice(one, now)));
    this.choices.hidden = this.choices.childElementCount === 0;
    this.own.value = "";
    this.problem.hidden = true;
    this.everywhereText.textContent = t("correct.everywhere", { word: word.text });
    this.scope.hidden = reading === undefined;
    // A single character has other readings in other places; a word has one.
    this.everywhere.checked = reading !== undefined && Array.from(word.text).length > 1;
    this.here.checked = !this.everywhere.checked;
    this.undo.hidden = !this.events.isOwn(word.text) && !hasReading(source, unit.stop);
  }

  private choice(reading: string, now: string): HTMLButtonElement {
    const made = createButton(marked(reading), "chip reading-choice", () => this.choose(reading));
    made.setAttribute("aria-pressed", String(reading === now));
    made.lang = "zh-Latn-pinyin";
    return made;
  }

  private typed(): void {
    const reading = numbered(this.own.value);
    const count = this.open?.picked.unit.syllables.length ?? 1;
    const valid = reading !== undefined && reading.split(" ").length === count;
    this.problem.hidden = valid;
    if (valid) this.choose(reading);
    else this.own.focus();
  }

  private choose(reading: string): void {
    const { open } = this;
    if (!open) return;
    const { unit, word } = open.picked;
    if (this.everywhere.checked && open.reading) {
      const index = word.units.indexOf(unit);
      const whole = open.reading.map((syllable, at) => (at === index ? reading : syllable)).join(" ");
      const { start } = unit;
      void this.submit({ kind: "word", word: word.text, start, reading: whole }, open.offset);
    } else {
      void this.submit({ kind: "here", start: unit.start, stop: unit.stop, reading }, open.offset);
    }
  }

  private async submit(correction: Correction, offset: number): Promise<void> {
    const { open } = this;
    const taken = await this.events.onCorrect(correction, offset);
    if (this.open !== open) return;
    if (taken) this.close();
    else this.problem.hidden = false;
  }

  private takeBack(): void {
    const { open } = this;
    if (!open) return;
    const { word, unit } = open.picked;
    void this.submit({ kind: "undo", word: word.text, start: unit.start, stop: unit.stop }, open.offset);
  }

  private listen(): void {
    const word = this.open?.picked.word;
    if (word) this.events.onListen(word.text, this.open?.reading?.join(" "));
  }

  /** Below the syllable, or above where there is no room; never past the edge. */
  private place(anchor: HTMLElement): void {
    const margin = 8;
    const { left, top, bottom, width } = anchor.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.window;
    const x = Math.min(left + width / 2 - offsetWidth / 2, window.innerWidth - offsetWidth - margin);
    const below = bottom + margin;
    const above = top - margin - offsetHeight;
    const y = below + offsetHeight > window.innerHeight && above > margin ? above : below;
    this.window.style.left = `${Math.max(margin, x)}px`;
    this.window.style.top = `${Math.max(margin, Math.min(y, window.innerHeight - offsetHeight - margin))}px`;
  }
}

const BRACES = /^\{[^{}]{1,80}\}/;

/** Whether the characters before this place have their reading in braces behind them. */
export function hasReading(source: string, at: number): boolean {
  return BRACES.test(source.slice(at));
}

/** The text with a reading behind the characters that end at a place; none takes the one there away. */
export function withReading(text: string, at: number, reading: string | undefined): string {
  const rest = text.slice(at).replace(BRACES, "");
  return text.slice(0, at) + (reading === undefined ? "" : `{${reading}}`) + rest;
}
