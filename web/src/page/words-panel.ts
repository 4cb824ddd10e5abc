/** The list of the user's own readings. */
import { create, createButton, element } from "./dom.ts";
import { onLanguage, t } from "./language.ts";
import { marked } from "./pinyin.ts";
import type { OwnWords } from "./words.ts";

export class WordsPanel {
  private readonly list = element("words-list", HTMLElement);
  private readonly empty = element("words-empty", HTMLElement);

  constructor(private readonly words: () => OwnWords) {
    onLanguage(() => this.show());
  }

  show(): void {
    const entries = Object.entries(this.words().own());
    this.empty.hidden = entries.length > 0;
    this.list.replaceChildren(...entries.map(([word, reading]) => this.item(word, reading)));
  }

  private item(word: string, reading: string): HTMLElement {
    const item = create("li", "");
    const remove = createButton(t("remove"), "quiet", () => {
      this.words().remove(word);
      this.list.parentElement?.querySelector<HTMLElement>("button")?.focus();
    });
    remove.setAttribute("aria-label", t("words.remove", { word }));
    item.append(create("strong", word), create("span", reading.split(" ").map(marked).join(" "), "pinyin"), remove);
    return item;
  }
}
