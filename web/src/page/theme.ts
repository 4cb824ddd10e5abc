/** Light, dark, or as the system: chosen, remembered. */
import { button } from "./dom.ts";
import { onLanguage, t } from "./language.ts";
import { read, write } from "./storage.ts";

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const KEY = "theme";

export class ThemeSwitch {
  private theme: Theme = parseTheme(read(KEY));
  private readonly toggle = button("theme", () => this.next());

  constructor(private readonly onChange: () => void) {
    onLanguage(() => this.show());
    this.show();
  }

  private next(): void {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? "auto";
    write(KEY, this.theme);
    this.show();
    this.onChange();
  }

  private show(): void {
    const label = t(`theme.${this.theme}`);
    document.documentElement.dataset.theme = this.theme;
    this.toggle.setAttribute("aria-label", label);
    this.toggle.title = label;
  }
}

function parseTheme(value: string | undefined): Theme {
  return THEMES.find((theme) => theme === value) ?? "auto";
}
