/** The player's text, and in it the word that sounds: a word costs the layout of its own block, however long the text is. */
import { pieces } from "../page/parts.ts";
import type { Span } from "../protocol.ts";
import { part } from "./part.ts";

/** A line beyond so many characters is shown as several, which end where sentences do. */
const LONGEST_BLOCK = 2000;

interface Block extends Span {
  readonly element: HTMLElement;
}

export class TextView {
  readonly element = part("div", "text");
  private readonly mark = part("mark", "word");
  private content = "";
  private blocks: readonly Block[] = [];
  private marked: Block | undefined;

  constructor() {
    // Whatever the language of the page: it decides on the shapes of characters, and on who reads them out.
    this.element.lang = "zh";
    this.element.dir = "auto";
  }

  show(content: string): void {
    this.word(undefined);
    if (content === this.content) return;
    this.content = content;
    this.blocks = blockSpans(content).map((span) => ({ ...span, element: document.createElement("div") }));
    for (const block of this.blocks) block.element.textContent = this.written(block);
    this.element.replaceChildren(...this.blocks.map(({ element }) => element));
  }

  /** Marks a word of the text. */
  word(word: Span | undefined): void {
    const block = word && this.blocks.findLast(({ start }) => start <= word.start);
    if (this.marked && this.marked !== block) this.marked.element.textContent = this.written(this.marked);
    this.marked = block;
    if (!block) return;
    const { start, stop } = word;
    this.mark.textContent = this.written(word);
    const before = this.written({ start: block.start, stop: start });
    block.element.replaceChildren(before, this.mark, this.written({ start: stop, stop: block.stop }));
  }

  private written({ start, stop }: Span): string {
    return this.content.slice(start, stop);
  }
}

/** Lines with their ends, which `pre-wrap` does not show a second time. */
function blockSpans(content: string): readonly Span[] {
  return [...content.matchAll(/[^\n]*\n|[^\n]+$/g)].flatMap(({ 0: line, index }) => [
    ...pieces(content, { start: index, stop: index + line.length }, LONGEST_BLOCK),
  ]);
}
