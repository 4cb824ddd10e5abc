/** What the text itself says it feels, sentence by sentence, as bars. */
import { EMOTIONS, type EmotionName, type InferredSentence, type Span } from "../../protocol.ts";
import { create, element } from "../dom.ts";
import { onLanguage, t } from "../language.ts";
import { paragraphs } from "../parts.ts";

export type Infer = (text: string) => Promise<readonly InferredSentence[]>;

const MOST = 12;
/** Characters of a paragraph whose emotion is shown. */
const LONGEST = 400;
const SOON_MS = 600;
const SHORT = 16;

/** Follows one paragraph at a time. Hidden where the build has no emotion model. */
export class InferredBars {
  private readonly panel = element("inferred", HTMLElement);
  private readonly list = element("inferred-list", HTMLElement);
  private infer: Infer | undefined;
  private wanted: { readonly text: string; readonly offset: number } | undefined;
  private shown: { readonly text: string; readonly offset: number } | undefined;
  private sentences: readonly InferredSentence[] = [];
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    onLanguage(() => this.draw());
  }

  connect(infer: Infer): void {
    this.infer = infer;
    void this.run();
  }

  /** The beginning of a text that is being written, when the writing pauses. */
  soon(text: () => string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.follow(text(), 0), SOON_MS);
  }

  /** The paragraph that an offset of the text lies in. */
  follow(text: string, offset: number): void {
    const all = paragraphs(text);
    const span = all.findLast(({ start }) => start <= offset) ?? all[0];
    if (!span) return;
    this.wanted = { text: text.slice(span.start, Math.min(span.stop, span.start + LONGEST)), offset: span.start };
    void this.run();
  }

  /** Marks the sentence that is spoken. */
  word(span: Span | undefined): void {
    const at = span && this.shown ? span.start - this.shown.offset : -1;
    for (const [index, item] of [...this.list.children].entries()) {
      const sentence = this.sentences[index];
      const current = sentence !== undefined && sentence.start <= at && at < sentence.stop;
      item.toggleAttribute("data-current", current);
    }
  }

  private async run(): Promise<void> {
    if (this.busy || !this.infer) return;
    this.busy = true;
    try {
      while (this.wanted && this.wanted !== this.shown) {
        this.shown = this.wanted;
        this.sentences = (await this.infer(this.shown.text)).slice(0, MOST);
        this.draw();
      }
    } catch {
      // No model, or a text it refuses: nothing to show.
      this.sentences = [];
      this.draw();
    } finally {
      this.busy = false;
    }
  }

  private draw(): void {
    this.panel.hidden = this.sentences.length === 0;
    this.list.replaceChildren(...this.sentences.map((sentence) => this.row(sentence)));
  }

  private row({ text, distribution }: InferredSentence): HTMLElement {
    const parts = EMOTIONS.map((name) => ({ name, weight: distribution[name] })).sort((a, b) => b.weight - a.weight);
    const first = parts[0] ?? { name: "neutral" as EmotionName, weight: 1 };
    const row = create("li", "");
    const bar = create("span", "", "bar");
    for (const { name, weight } of parts) {
      const part = create("span", "", "bar-part");
      part.dataset.emotion = name;
      part.style.width = `${weight * 100}%`;
      bar.append(part);
    }
    const share = { name: t(`emotion.${first.name}`), percent: Math.round(first.weight * 100) };
    row.append(create("span", shortened(text), "bar-text"), create("span", t("emotion.share", share), "figures"), bar);
    return row;
  }
}

function shortened(text: string): string {
  const characters = Array.from(text.trim());
  return characters.length > SHORT ? `${characters.slice(0, SHORT).join("")}…` : characters.join("");
}
