/** What is known of a visitor before anything of the page runs. */
import { read } from "./storage.ts";

export type Language = "zh" | "en";
export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const LANGUAGE_KEY = "language";
export const THEME_KEY = "theme";
export const TAGS: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en" };

/** The remembered choice, else Chinese where the browser's user reads it, else English. */
export function visitorLanguage(): Language {
  const kept = read(LANGUAGE_KEY);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("zh")) ? "zh" : "en";
}

export function visitorTheme(): Theme {
  const kept = read(THEME_KEY);
  return THEMES.find((theme) => theme === kept) ?? "auto";
}
