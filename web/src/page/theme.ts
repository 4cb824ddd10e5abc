/** Light, dark, or as the system: chosen, remembered. */
import { button } from "./dom.ts";
import { onLanguage, t } from "./language.ts";
import { write } from "./storage.ts";
import { THEME_KEY, THEMES, type Theme, visitorTheme } from "./visitor.ts";

export class ThemeSwitch {
  private theme: Theme = visitorTheme();
  private readonly toggle = button("theme", () => this.next());

  constructor(private readonly onChange: () => void) {
    onLanguage(() => this.show());
    this.show();
  }

  private next(): void {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? "auto";
    write(THEME_KEY, this.theme);
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
