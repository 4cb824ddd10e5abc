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
    const fragment = fragmentOf(this.shared());
    try {
      if (navigator.share && matchMedia("(pointer: coarse)").matches) {
        const url = addressOf(await fragment);
        if (url) await navigator.share({ url, title: t("page.title") });
        else toast(t("share.long"));
      } else {
        await copy(fragment);
        toast(t("share.copied"));
      }
    } catch (error) {
      // Who closes the system's sheet wants nothing more.
      if (error instanceof DOMException && error.name === "AbortError") return;
      const made = await fragment;
      // No permission for the clipboard: the address bar has it.
      if (made) history.replaceState(null, "", made);
      toast(t(made ? "share.address" : "share.long"));
    }
  }
}

function addressOf(fragment: string | undefined): string | undefined {
  return fragment && new URL(fragment, location.href).href;
}

/**
 * Rejects for a text that is too long. The clipboard is asked at once and given the link when it is made: WebKit (seen with
 * WebKitGTK 2.50) takes nothing from who asks after it was compressed, the click being over. Firefox before 127 has no items.
 */
async function copy(fragment: Promise<string | undefined>): Promise<void> {
  const link = fragment.then((made) => addressOf(made) ?? Promise.reject(new RangeError("too long")));
  if (typeof ClipboardItem === "undefined") {
    await navigator.clipboard.writeText(await link);
  } else {
    const text = link.then((url) => new Blob([url], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
  }
}
