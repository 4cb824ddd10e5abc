/** Installing the page as an app, where the browser offers it. */
import { button } from "./dom.ts";

/** Not in TypeScript's library: only Chromium has it. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

export class InstallButton {
  private offered: InstallPrompt | undefined;
  private readonly install = button("install", () => void this.ask());

  constructor() {
    window.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.offered = event as InstallPrompt;
      this.install.hidden = false;
    });
    window.addEventListener("appinstalled", () => this.hide());
  }

  /** The browser lets an offer be used once. */
  private async ask(): Promise<void> {
    const { offered } = this;
    this.hide();
    await offered?.prompt();
  }

  private hide(): void {
    this.offered = undefined;
    this.install.hidden = true;
  }
}
