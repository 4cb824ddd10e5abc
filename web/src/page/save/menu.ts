/** The export menu: its formats, the work under way, and the file in the end. */
import { QingshengError } from "../../errors.ts";
import { button, element } from "../dom.ts";
import { t } from "../language.ts";
import { EXTENSIONS, FORMATS, type Format } from "./exporter.ts";
import { canEncodeOpus } from "./opus.ts";

export type Export = (format: Format, signal: AbortSignal, onProgress: (share: number) => void) => Promise<Blob>;

export interface SaveEvents {
  run: Export;
  /** Of the file, without extension. */
  name(): string;
  onError(error: unknown, again: () => void): void;
  /** The work begins or is over. */
  onWork(): void;
}

export class SaveMenu {
  private readonly menu = element("save-menu", HTMLElement);
  private readonly opener = element("save", HTMLButtonElement);
  private readonly status = element("saving", HTMLElement);
  private readonly share = element("saving-share", HTMLElement);
  private working: AbortController | undefined;
  private ready = false;

  constructor(private readonly events: SaveEvents) {
    for (const format of FORMATS) button(`save-${format}`, () => void this.save(format));
    button("saving-cancel", () => this.working?.abort());
    this.menu.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState === "open") this.place();
    });
    void canEncodeOpus().then((can) => {
      element("save-opus", HTMLButtonElement).hidden = !can;
    });
  }

  get busy(): boolean {
    return this.working !== undefined;
  }

  enable(ready: boolean): void {
    this.ready = ready;
    this.show();
  }

  private show(): void {
    this.opener.disabled = !this.ready || this.working !== undefined;
    this.status.hidden = this.working === undefined;
  }

  private place(): void {
    const { left, top } = this.opener.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.menu;
    this.menu.style.left = `${Math.max(8, Math.min(left, window.innerWidth - offsetWidth - 8))}px`;
    this.menu.style.top = `${Math.max(8, top - offsetHeight - 8)}px`;
    this.menu.querySelector<HTMLElement>("button")?.focus();
  }

  private async save(format: Format): Promise<void> {
    this.menu.hidePopover();
    if (this.working || !this.ready) return;
    const working = new AbortController();
    this.working = working;
    this.events.onWork();
    this.progress(0);
    this.show();
    try {
      const blob = await this.events.run(format, working.signal, (share) => this.progress(share));
      offer(blob, `${this.events.name()}.${EXTENSIONS[format]}`);
    } catch (error) {
      const cancelled = error instanceof QingshengError && error.code === "cancelled";
      if (!cancelled) this.events.onError(error, () => void this.save(format));
    } finally {
      this.working = undefined;
      this.events.onWork();
      this.show();
    }
  }

  private progress(share: number): void {
    this.share.textContent = t("save.working", { percent: Math.floor(share * 100) });
  }
}

function offer(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
