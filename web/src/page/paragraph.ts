/** One paragraph of the reading view: plain until its explanation is here, then words with pinyin over them. */
import type { Explanation, Span } from "../protocol.ts";
import { create } from "./dom.ts";
import { t } from "./language.ts";
import { type Laid, type LaidWord, layOut, mayBreakBetween, type Unit } from "./layout.ts";

/** What was clicked: a unit of a word, with the place of both in the paragraph. */
export interface Picked {
  readonly word: LaidWord;
  readonly unit: Unit;
  readonly element: HTMLElement;
}

export class Paragraph {
  readonly element = create("div", "", "paragraph");
  private readonly content = create("p", "");
  private readonly picked = new WeakMap<Element, Picked>();
  private words: readonly { readonly laid: LaidWord; readonly element: HTMLElement }[] = [];
  private laid = false;
  private marked: Span | undefined;
  private readonly mark = document.createElement("mark");

  /** source: the paragraph as written; span: its place in the whole text. */
  constructor(
    readonly source: string,
    readonly span: Span,
  ) {
    this.content.textContent = source;
    this.element.append(this.content);
  }

  get isLaid(): boolean {
    return this.laid;
  }

  pickedAt(target: Element): Picked | undefined {
    return this.picked.get(target);
  }

  showPlain(): void {
    this.laid = false;
    this.words = [];
    this.content.textContent = this.source;
    this.remark();
  }

  showPinyin(explanation: Explanation): void {
    this.words = [];
    const laid = layOut(this.source, explanation);
    const nodes = laid.flatMap((one, index) => {
      const before = laid[index - 1];
      return before && mayBreakBetween(before, one) ? [create("wbr", ""), this.drawn(one)] : [this.drawn(one)];
    });
    this.content.replaceChildren(...nodes);
    this.laid = true;
    this.remark();
  }

  /** Marks the word at a span of the whole text. */
  show(span: Span | undefined): HTMLElement | undefined {
    this.marked = span;
    this.unmark();
    if (!span) return undefined;
    const local = { start: span.start - this.span.start, stop: span.stop - this.span.start };
    return this.laid ? this.markWord(local) : this.markPlain(local);
  }

  private remark(): void {
    if (this.marked) this.show(this.marked);
  }

  private markWord({ start, stop }: Span): HTMLElement | undefined {
    const found = this.words.find(({ laid }) => laid.start < stop && laid.stop > start);
    if (!found) return undefined;
    keepingFocus(found.element, () => {
      const units = [...found.element.children];
      found.element.prepend(this.mark);
      this.mark.append(...units);
    });
    return this.mark;
  }

  private markPlain({ start, stop }: Span): HTMLElement {
    this.mark.textContent = this.source.slice(start, stop);
    this.content.replaceChildren(this.source.slice(0, start), this.mark, this.source.slice(stop));
    return this.mark;
  }

  private unmark(): void {
    const { mark } = this;
    if (mark.isConnected) {
      if (this.laid) keepingFocus(mark, () => mark.replaceWith(...mark.childNodes));
      else this.content.textContent = this.source;
    }
    // Also what it still holds of a drawing that was replaced.
    mark.replaceChildren();
  }

  private drawn(laid: Laid): Node {
    if (laid.kind === "text") return document.createTextNode(laid.text);
    const word = create("span", "", "word");
    word.append(...laid.units.map((unit) => this.unit(laid, unit)), laid.tail);
    this.words = [...this.words, { laid, element: word }];
    return word;
  }

  private unit(word: LaidWord, unit: Unit): HTMLElement {
    if (!unit.pinyin) return create("span", unit.text);
    const ruby = create("ruby", unit.text);
    ruby.append(create("rt", unit.pinyin));
    ruby.tabIndex = -1;
    ruby.role = "button";
    ruby.setAttribute("aria-haspopup", "dialog");
    ruby.setAttribute("aria-label", t("reading.syllable", { text: unit.text, pinyin: unit.pinyin }));
    this.picked.set(ruby, { word, unit, element: ruby });
    return ruby;
  }
}

/** Moving an element in the tree takes its focus away; here it comes back. */
function keepingFocus(within: Element, move: () => void): void {
  const { activeElement } = document;
  move();
  if (activeElement instanceof HTMLElement && within.isConnected && activeElement !== document.activeElement) {
    if (activeElement.closest(".paragraph")) activeElement.focus({ preventScroll: true });
  }
}
