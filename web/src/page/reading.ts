/** The text as it is read: paragraphs with pinyin, the word that sounds, notices; a click asks for more. */

import { isSsml } from "../audio/bare.ts";
import type { Notice, Span } from "../protocol.ts";
import { create, createButton, element, icon } from "./dom.ts";
import type { Explainer } from "./explainer.ts";
import { isTextKey, onLanguage, type TextKey, t } from "./language.ts";
import { Paragraph, type Picked } from "./paragraph.ts";
import { paragraphs, pieces } from "./parts.ts";

export interface ReadingEvents {
  /** Spans are those of the paragraph, which begins at `offset` of the text. */
  onPick(picked: Picked, offset: number, source: string): void;
  /** To be read from this offset on. */
  onFrom(offset: number): void;
}

/** How long the page stays where the reader scrolled it. */
const SCROLLED_MS = 4000;
const TITLE_LENGTH = 12;
/** A paragraph beyond so many characters is shown in pieces: its pinyin comes piece by piece, and the page stays quick. */
const PIECE = 800;

export class ReadingView {
  private readonly panel = element("reading", HTMLElement);
  private readonly title = element("reading-title", HTMLElement);
  private readonly text = element("reading-text", HTMLElement);
  private readonly list = element("notices", HTMLElement);
  private shown: string | undefined;
  private items: readonly Paragraph[] = [];
  private readonly byElement = new WeakMap<Element, Paragraph>();
  private readonly seen: IntersectionObserver;
  private current: Paragraph | undefined;
  private withPinyin = true;
  private notices = new Set<string>();
  private scrolledAt = Number.NEGATIVE_INFINITY;
  private state: TextKey = "reading.ready";

  constructor(
    private readonly explainer: Explainer,
    private readonly events: ReadingEvents,
  ) {
    this.seen = new IntersectionObserver((entries) => this.appeared(entries), { rootMargin: "300px 0px" });
    this.text.addEventListener("click", (event) => this.clicked(event.target));
    this.text.addEventListener("keydown", (event) => this.pressed(event));
    for (const kind of ["wheel", "touchmove"]) {
      window.addEventListener(kind, () => this.noteScroll(), { passive: true });
    }
    onLanguage(() => this.rename());
  }

  get visible(): boolean {
    return !this.panel.hidden;
  }

  /** The paragraph that an offset lies in, from 0, and how many there are. */
  placeOf(offset: number): { readonly at: number; readonly count: number } {
    return { at: Math.max(0, this.indexAt(offset)), count: this.items.length };
  }

  offsetOf(paragraph: number): number | undefined {
    return this.items[paragraph]?.span.start;
  }

  show(text: string): void {
    this.panel.hidden = false;
    if (text === this.shown) return;
    this.shown = text;
    this.current = undefined;
    this.seen.disconnect();
    this.explainer.cancel();
    this.items = shownSpans(text).map((span) => this.paragraph(text.slice(span.start, span.stop), span));
    this.text.replaceChildren(...this.items.map((item) => item.element));
    for (const item of this.items) this.seen.observe(item.element);
    this.list.replaceChildren();
    this.notices = new Set();
  }

  hide(): void {
    this.panel.hidden = true;
  }

  /** Brings the paragraph of an offset into view. */
  goTo(offset: number): void {
    if (offset <= 0) window.scrollTo({ top: 0 });
    else this.items[this.indexAt(offset)]?.element.scrollIntoView({ block: "center" });
  }

  focus(): void {
    this.text.focus({ preventScroll: true });
  }

  pinyin(on: boolean): void {
    this.withPinyin = on;
    this.text.dataset.pinyin = String(on);
    this.refresh();
  }

  /** Readings changed, or can be had now. */
  refresh(): void {
    this.seen.disconnect();
    this.explainer.cancel();
    for (const item of this.items) {
      if (!this.withPinyin && item.isLaid) item.showPlain();
      this.seen.observe(item.element);
    }
  }

  begin(): void {
    this.notices = new Set();
    this.list.replaceChildren();
    this.say("reading.now");
    this.scrolledAt = Number.NEGATIVE_INFINITY;
  }

  end(state: TextKey): void {
    this.say(state);
    this.word(undefined);
  }

  word(span: Span | undefined): void {
    const next = span && this.items[this.indexAt(span.start)];
    if (this.current && this.current !== next) this.current.show(undefined);
    if (this.current !== next) {
      this.current?.element.removeAttribute("aria-current");
      next?.element.setAttribute("aria-current", "true");
    }
    this.current = next;
    const mark = next?.show(span);
    if (mark) this.follow(mark);
  }

  notice(notice: Notice): void {
    const key = `notice.${notice.code}`;
    const message = isTextKey(key) ? t(key) : notice.message;
    const line = notice.text ? `${message}：${visible(notice.text)}` : message;
    if (this.notices.has(line)) return;
    this.notices.add(line);
    this.list.append(create("li", line));
  }

  /** What the line above the text says. */
  say(key: TextKey): void {
    this.state = key;
    this.title.textContent = t(key);
  }

  private rename(): void {
    this.title.textContent = t(this.state);
    for (const item of this.items) {
      item.element.querySelector(".from")?.setAttribute("aria-label", startLabel(item.source));
      const known = item.isLaid && this.explainer.has(item.source);
      if (known) item.showPinyin(known);
    }
  }

  private paragraph(source: string, span: Span): Paragraph {
    const item = new Paragraph(source, span);
    const from = createButton("", "from", () => this.events.onFrom(span.start));
    from.setAttribute("aria-label", startLabel(source));
    from.append(icon("play"));
    item.element.prepend(from);
    this.byElement.set(item.element, item);
    return item;
  }

  private appeared(entries: readonly IntersectionObserverEntry[]): void {
    // The last asked for comes first: from the bottom up, so that the top one is not last.
    for (const { target, isIntersecting } of [...entries].reverse()) {
      const item = this.byElement.get(target);
      if (!item || !isIntersecting || !this.withPinyin) continue;
      this.seen.unobserve(target);
      void this.lay(item);
    }
  }

  private async lay(item: Paragraph): Promise<void> {
    const explanation = await this.explainer.request(item.source);
    if (!explanation || !this.withPinyin || !item.element.isConnected) return;
    item.showPinyin(explanation);
    this.ensureTabStop();
  }

  /** One stop for the Tab key; the arrow keys move it. */
  private ensureTabStop(): void {
    if (this.text.querySelector('ruby[tabindex="0"]')) return;
    const first = this.text.querySelector<HTMLElement>("ruby");
    if (first) first.tabIndex = 0;
  }

  private clicked(target: EventTarget | null): void {
    const ruby = target instanceof Element ? target.closest<HTMLElement>("ruby") : null;
    const item = ruby && this.byElement.get(ruby.closest(".paragraph") ?? ruby);
    const picked = ruby && item?.pickedAt(ruby);
    if (!picked || !item) return;
    this.moveTo(ruby);
    this.events.onPick(picked, item.span.start, item.source);
  }

  private pressed(event: KeyboardEvent): void {
    const ruby = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("ruby") : null;
    if (!ruby || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") this.clicked(ruby);
    else if (!this.step(ruby, event.key)) return;
    event.preventDefault();
  }

  private step(from: HTMLElement, key: string): boolean {
    const all = [...this.text.querySelectorAll<HTMLElement>("ruby")];
    const at = all.indexOf(from);
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: all.length - 1,
    };
    const next = all[targets[key] ?? -1];
    if (!next) return key in targets;
    this.moveTo(next);
    return true;
  }

  private moveTo(ruby: HTMLElement): void {
    for (const other of this.text.querySelectorAll<HTMLElement>('ruby[tabindex="0"]')) other.tabIndex = -1;
    ruby.tabIndex = 0;
    ruby.focus();
  }

  private indexAt(offset: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.items[middle]?.span.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private noteScroll(): void {
    this.scrolledAt = performance.now();
  }

  /** Brings the word into view, unless the reader has just looked elsewhere. */
  private follow(mark: HTMLElement): void {
    if (!this.visible || performance.now() - this.scrolledAt < SCROLLED_MS) return;
    const { top, bottom } = mark.getBoundingClientRect();
    const room = window.innerHeight;
    if (top > room * 0.1 && bottom < room * 0.65) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    window.scrollTo({ top: window.scrollY + top - room * 0.3, behavior: still ? "auto" : "smooth" });
  }
}

function shownSpans(text: string): readonly Span[] {
  const spans = paragraphs(text);
  return isSsml(text) ? spans : spans.flatMap((span) => [...pieces(text, span, PIECE)]);
}

/** What has no picture of its own is named by its code point. */
function visible(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (one) => `U+${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

function startLabel(source: string): string {
  return t("reading.from", { text: Array.from(source).slice(0, TITLE_LENGTH).join("") });
}
