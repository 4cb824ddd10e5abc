/** What was spoken before: a bounded list on this device, and its window. */
import { create, createButton, element } from "./dom.ts";
import { language, onLanguage, t } from "./language.ts";
import { forget, onOtherTab, readJson, writeJson } from "./storage.ts";

const KEY = "history";
const MOST = 30;
/** Characters of one text, and of all together: browsers keep about five million in all. */
const LONGEST = 20_000;
const ALL = 300_000;
const TITLE_LENGTH = 60;

export interface Entry {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export function parseHistory(value: unknown): Entry[] {
  if (!Array.isArray(value)) return [];
  const entries = value.filter(
    (entry): entry is Entry =>
      typeof entry?.text === "string" && entry.text.length <= LONGEST && Number.isFinite(entry?.at),
  );
  return bounded(entries.map(({ text, at }) => ({ text, at })));
}

/** Latest first, each text once. */
export function withEntry(entries: readonly Entry[], text: string, at: number): Entry[] {
  const kept = text.trim();
  if (!kept || kept.length > LONGEST) return [...entries];
  return bounded([{ text: kept, at }, ...entries.filter((entry) => entry.text !== kept)]);
}

function bounded(entries: readonly Entry[]): Entry[] {
  const kept: Entry[] = [];
  let length = 0;
  for (const entry of entries.slice(0, MOST)) {
    length += entry.text.length;
    if (length > ALL) break;
    kept.push(entry);
  }
  return kept;
}

export class HistoryPanel {
  private readonly list = element("history-list", HTMLElement);
  private readonly empty = element("history-empty", HTMLElement);
  private readonly erase = element("history-erase", HTMLButtonElement);
  private entries = parseHistory(readJson(KEY));

  constructor(private readonly onChoose: (text: string) => void) {
    this.erase.addEventListener("click", () => this.clear());
    onLanguage(() => this.show());
    onOtherTab(KEY, () => {
      this.entries = parseHistory(readJson(KEY));
      this.show();
    });
  }

  add(text: string): void {
    this.keep(withEntry(this.entries, text, Date.now()));
  }

  show(): void {
    this.empty.hidden = this.entries.length > 0;
    this.erase.hidden = this.entries.length === 0;
    this.list.replaceChildren(...this.entries.map((entry) => this.item(entry)));
  }

  private clear(): void {
    this.entries = [];
    forget(KEY);
    this.show();
  }

  private keep(entries: Entry[]): void {
    this.entries = entries;
    // Where there is no room for all, there may be for fewer.
    for (let count = entries.length; count > 0 && !writeJson(KEY, entries.slice(0, count)); count >>= 1);
  }

  private item(entry: Entry): HTMLElement {
    const item = create("li", "");
    const title = Array.from(entry.text.replace(/\s+/g, " ")).slice(0, TITLE_LENGTH).join("");
    const choose = createButton(title, "link entry", () => this.onChoose(entry.text));
    const when = new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(entry.at);
    const remove = createButton(t("remove"), "quiet", () => {
      this.keep(this.entries.filter((other) => other !== entry));
      if (this.entries.length === 0) forget(KEY);
      this.show();
    });
    remove.setAttribute("aria-label", t("history.remove", { title }));
    item.append(choose, create("time", when, "figures"), remove);
    return item;
  }
}
