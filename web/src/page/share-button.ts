/** Copies the link of the present text, or hands it to the system's own share sheet on a phone. */
import { button } from "./dom.ts";
import { t } from "./language.ts";
import { fragmentOf, type Shared } from "./share.ts";
import { toast } from "./toast.ts";

export class ShareButton {
  constructor(private readonly shared: () => Shared) {
    button("share", () => void this.share());
  }

  private async share(): Promise<void> {
    const fragment = await fragmentOf(this.shared());
    if (fragment === undefined) {
      toast(t("share.long"));
      return;
    }
    const url = new URL(fragment, location.href).href;
    try {
      if (navigator.share && matchMedia("(pointer: coarse)").matches)
        await navigator.share({ url, title: t("page.title") });
      else {
        await navigator.clipboard.writeText(url);
        toast(t("share.copied"));
      }
    } catch (error) {
      // Who closes the system's sheet wants nothing more.
      if (error instanceof DOMException && error.name === "AbortError") return;
      // No permission for the clipboard: the address bar has it.
      history.replaceState(null, "", fragment);
      toast(t("share.address"));
    }
  }
}
