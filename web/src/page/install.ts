/** Installing the page as an app, where the browser offers it. */
import { button, element } from "./dom.ts";

/** Where the row of tools is full without it. What comes late must not push the text down either. */
const NARROW = window.matchMedia("(width < 44rem)");

const INSTALLED = window.matchMedia("(display-mode: standalone)");

/** Not in TypeScript's library: only Chromium has it. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

export class InstallButton {
  private offered: InstallPrompt | undefined;
  private readonly install = button("install", () => void this.ask());

  constructor() {
    NARROW.addEventListener("change", () => this.place());
    this.place();
    window.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.offered = event as InstallPrompt;
      this.install.hidden = false;
    });
    window.addEventListener("appinstalled", () => {
      this.hide();
      keep();
    });
    if (INSTALLED.matches) keep();
  }

  private place(): void {
    if (NARROW.matches) element("colophon", HTMLElement).append(this.install);
    else element("theme", HTMLButtonElement).before(this.install);
  }

  /** The browser lets an offer be used once. */
  private async ask(): Promise<void> {
    const { offered } = this;
    this.hide();
    await offered?.prompt().catch(() => undefined);
  }

  private hide(): void {
    this.offered = undefined;
    this.install.hidden = true;
  }
}

/** What is installed shall start without a network in a year, too: else browsers may clear what lies long unused. */
function keep(): void {
  navigator.storage?.persist?.().catch(() => undefined);
}
