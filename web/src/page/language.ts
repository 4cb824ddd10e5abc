/** The language of the page's own words: chosen, remembered, applied to the document. */
import { write } from "./storage.ts";
import { en } from "./texts/en.ts";
import { type TextKey, type Texts, zh } from "./texts/zh.ts";
import { LANGUAGE_KEY, type Language, TAGS, visitorLanguage } from "./visitor.ts";

export type { TextKey } from "./texts/zh.ts";
export type { Language } from "./visitor.ts";

const TABLES: Readonly<Record<Language, Texts>> = { zh, en };

const listeners = new Set<() => void>();
let current: Language = "zh";

export function language(): Language {
  return current;
}

/** A text of the table with its values put in. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return TABLES[current][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(zh, key);
}

/** Called after every change; what is shown from the table by hand is shown anew there. */
export function onLanguage(listener: () => void): void {
  listeners.add(listener);
}

export function startLanguage(): void {
  apply(visitorLanguage());
}

export function setLanguage(next: Language): void {
  write(LANGUAGE_KEY, next);
  apply(next);
}

function apply(next: Language): void {
  current = next;
  document.documentElement.lang = TAGS[next];
  document.title = t("page.title");
  localise(document);
  for (const listener of listeners) listener();
}

/** Elements name their texts: `data-text` the content, `data-label` the accessible name, `data-hint` the placeholder. */
export function localise(root: ParentNode): void {
  for (const item of root.querySelectorAll<HTMLElement>("[data-text], [data-label], [data-hint]")) {
    const { text, label, hint } = item.dataset;
    if (text && isTextKey(text)) item.textContent = t(text);
    if (label && isTextKey(label)) item.setAttribute("aria-label", t(label));
    if (hint && isTextKey(hint)) item.setAttribute("placeholder", t(hint));
  }
}
