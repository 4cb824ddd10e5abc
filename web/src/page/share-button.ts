/** Copies the link of the present text, or hands it to the system's own share sheet on a phone. */
import { button, element } from "./dom.ts";
import { type TextKey, t } from "./language.ts";
import { fragmentOf, type Shared } from "./share.ts";

const SHOWN_MS = 4000;

export class ShareButton {
  private readonly toast = element("toast", HTMLElement);
  private hiding: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly shared: () => Shared) {
    button("share", () => void this.share());
  }

  private async share(): Promise<void> {
    const fragment = await fragmentOf(this.shared());
    if (fragment === undefined) {
      this.say("share.long");
      return;
    }
    const url = new URL(fragment, location.href).href;
    try {
      if (navigator.share && matchMedia("(pointer: coarse)").matches)
        await navigator.share({ url, title: t("page.title") });
      else {
        await navigator.clipboard.writeText(url);
        this.say("share.copied");
      }
    } catch {
      // No permission for the clipboard: the address bar has it.
      history.replaceState(null, "", fragment);
      this.say("share.address");
    }
  }

  private say(key: TextKey): void {
    clearTimeout(this.hiding);
    this.toast.textContent = t(key);
    this.toast.hidden = false;
    this.hiding = setTimeout(() => {
      this.toast.hidden = true;
    }, SHOWN_MS);
  }
}
